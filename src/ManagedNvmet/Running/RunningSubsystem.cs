using ManagedNvmet.Configuration;
using ManagedNvmet.Target.Subsystems;

namespace ManagedNvmet.Running;

/// <summary>A subsystem of the configuration and what the target serves of it.</summary>
internal sealed class RunningSubsystem(SubsystemConfiguration configured)
{
    /// <summary>What was asked for.</summary>
    public SubsystemConfiguration Configured { get; set; } = configured;

    /// <summary>The namespaces by their numbers.</summary>
    public SortedDictionary<uint, RunningNamespace> Namespaces { get; } = [];

    /// <summary>What the target serves.</summary>
    public Subsystem Served { get; set; } = null!;

    /// <summary>True when one cannot become the other while hosts are connected: what they keep of a subsystem changes.</summary>
    public static bool NeedsAnotherSubsystem(SubsystemConfiguration from, SubsystemConfiguration to) =>
        from.SerialNumber != to.SerialNumber || from.ModelNumber != to.ModelNumber || from.FirmwareRevision != to.FirmwareRevision
        || from.ControllerIdMin != to.ControllerIdMin || from.ControllerIdMax != to.ControllerIdMax;
}
