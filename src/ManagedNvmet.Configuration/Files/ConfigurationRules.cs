using ManagedNvmet.Backends.Kinds;

namespace ManagedNvmet.Configuration;

/// <summary>Limits of the server that a configuration is checked against.</summary>
public sealed record ConfigurationRules
{
    /// <summary>The limits of a server with default settings.</summary>
    public static readonly ConfigurationRules Default = new();

    /// <summary>Highest NSID.</summary>
    public uint MaxNamespaceId { get; init; } = NamespaceIds.Highest;

    /// <summary>Highest ANAGRPID.</summary>
    public uint MaxAnaGroup { get; init; } = ConfigurationTables.MaxAnaGroup;

    /// <summary>The kinds of namespaces that the server knows.</summary>
    public BackendKinds Backends { get; init; } = BackendKinds.Default;

    /// <summary>Names of the devices that the hosting program supplies.</summary>
    public IReadOnlyCollection<string> OwnDevices { get; init; } = [];
}
