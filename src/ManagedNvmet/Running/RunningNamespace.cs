using ManagedNvmet.Configuration;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Running;

/// <summary>A namespace of the configuration and what there is of it.</summary>
internal sealed class RunningNamespace(Nqn subsystem, NamespaceConfiguration configured)
{
    /// <summary>The subsystem it belongs to.</summary>
    public Nqn Subsystem { get; } = subsystem;

    /// <summary>What was asked for.</summary>
    public NamespaceConfiguration Configured { get; set; } = configured;

    /// <summary>The device; null while it is not there or not enabled.</summary>
    public OpenDevice? Opened { get; set; }

    /// <summary>What the target serves; null while there is no device.</summary>
    public Namespace? Served { get; set; }

    /// <summary>Why it is not served, in a sentence; null when it is, or is not to be.</summary>
    public string? Reason { get; set; }

    /// <summary>It should be served and is not.</summary>
    public bool IsWaiting => Configured.IsEnabled && Served is null;

    /// <summary>The configuration with the identity that is served, where the configuration leaves it out.</summary>
    public NamespaceConfiguration Effective => Served is not { Identity: var identity } ? Configured : Configured with
    {
        Uuid = Configured.Uuid ?? identity.Uuid,
        Nguid = Configured.Nguid ?? identity.Nguid,
        Eui64 = Configured.Eui64 ?? identity.Eui64,
    };

    /// <summary>True when the device has to be opened again to serve it as wanted.</summary>
    public bool NeedsAnotherDevice(NamespaceConfiguration wanted) => ConfigurationTables.Namespace.NeedsRebuild(Configured, wanted, Effective);
}
