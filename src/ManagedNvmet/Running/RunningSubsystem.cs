using ManagedNvmet.Configuration;
using ManagedNvmet.Target.Subsystems;

namespace ManagedNvmet.Running;

/// <summary>A subsystem of the configuration with its served subsystem.</summary>
internal sealed class RunningSubsystem(SubsystemConfiguration configured)
{
    /// <summary>The configured values.</summary>
    public SubsystemConfiguration Configured { get; set; } = configured;

    /// <summary>The namespaces by their numbers.</summary>
    public SortedDictionary<uint, RunningNamespace> Namespaces { get; } = [];

    /// <summary>The served subsystem.</summary>
    public Subsystem Served { get; set; } = null!;

    /// <summary>The configured values, with the serial number of the served subsystem where the configuration has none.</summary>
    public SubsystemConfiguration Effective => Configured with { SerialNumber = Configured.SerialNumber ?? Served.SerialNumber };

    /// <summary>Returns true when the wanted values require a new subsystem, because connected hosts keep the old ones.</summary>
    public bool NeedsAnotherSubsystem(SubsystemConfiguration wanted) =>
        ConfigurationTables.Subsystem.NeedsRebuild(Configured, wanted, Effective);
}
