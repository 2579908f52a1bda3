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

    /// <summary>The configuration with the serial number that is served, where the configuration leaves it out.</summary>
    public SubsystemConfiguration Effective => Configured with { SerialNumber = Configured.SerialNumber ?? Served.SerialNumber };

    /// <summary>True when the subsystem has to be made anew: hosts keep what changes for as long as they are connected.</summary>
    public bool NeedsAnotherSubsystem(SubsystemConfiguration wanted) =>
        ConfigurationTables.Subsystem.NeedsRebuild(Configured, wanted, Effective);
}
