namespace ManagedNvmet.Configuration;

/// <summary>A host that subsystems may name as allowed.</summary>
public sealed record HostConfiguration
{
    /// <summary>Name of the host (HOSTNQN).</summary>
    public required Nqn Nqn { get; init; }

    /// <summary>The host identifier (HOSTID) with which it must connect; null for any.</summary>
    public Guid? HostId { get; init; }

    /// <summary>The networks from which it may connect, such as 192.0.2.0/24; empty for any.</summary>
    public ConfigurationList<System.Net.IPNetwork> SourceNetworks { get; init; } = [];

    /// <summary>Name of its key for authentication in the file of secrets; null for none.</summary>
    public string? KeyReference { get; init; }

    /// <summary>Name of the controller's key for authentication in the file of secrets; null for none.</summary>
    public string? ControllerKeyReference { get; init; }

    /// <summary>Limits of this host on all its namespaces together.</summary>
    public QualityOfServiceConfiguration? QualityOfService { get; init; }

    /// <summary>Maximum number of controllers at the same time in all subsystems, discovery included; null for the server's
    /// limit.</summary>
    public int? MaxControllers { get; init; }

    /// <summary>Maximum number of I/O queues at the same time, each of which is one connection; null for the server's limit.</summary>
    public int? MaxQueues { get; init; }

    /// <summary>Attributes of the file that this version does not know.</summary>
    public UnknownAttributes Unknown { get; init; } = UnknownAttributes.None;
}
