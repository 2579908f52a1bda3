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

    /// <summary>True when one cannot become the other while its device stays open.</summary>
    public static bool NeedsAnotherDevice(NamespaceConfiguration from, NamespaceConfiguration to) =>
        from.Device != to.Device || from.IsReadOnly != to.IsReadOnly || from.BlockSize != to.BlockSize || from.IsBuffered != to.IsBuffered
        || from.IsForced != to.IsForced || from.Uuid != to.Uuid || from.Nguid != to.Nguid || from.Eui64 != to.Eui64;
}
