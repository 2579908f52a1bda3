using ManagedNvmet.Configuration;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Running;

/// <summary>A namespace of the configuration with its device and its served namespace.</summary>
internal sealed class RunningNamespace(Nqn subsystem, NamespaceConfiguration configured)
{
    /// <summary>The subsystem it belongs to.</summary>
    public Nqn Subsystem { get; } = subsystem;

    /// <summary>The configured values.</summary>
    public NamespaceConfiguration Configured { get; set; } = configured;

    /// <summary>The open device; null while it is missing or not enabled.</summary>
    public OpenDevice? Opened { get; set; }

    /// <summary>The served namespace; null while there is no device.</summary>
    public Namespace? Served { get; set; }

    /// <summary>The reason, as a sentence, why an enabled namespace is not served; null otherwise.</summary>
    public string? Reason { get; set; }

    /// <summary>True when it should be served and is not.</summary>
    public bool IsWaiting => Configured.IsEnabled && Served is null;

    /// <summary>The configured values, with the identity of the served namespace where the configuration has none.</summary>
    public NamespaceConfiguration Effective => Served is not { Identity: var identity } ? Configured : Configured with
    {
        Uuid = Configured.Uuid ?? identity.Uuid,
        Nguid = Configured.Nguid ?? identity.Nguid,
        Eui64 = Configured.Eui64 ?? identity.Eui64,
    };

    /// <summary>Returns true when the wanted values require that the device is opened again.</summary>
    public bool NeedsAnotherDevice(NamespaceConfiguration wanted) =>
        ConfigurationTables.Namespace.NeedsRebuild(Configured, wanted, Effective);
}
