using ManagedNvmet.Target.Access;

namespace ManagedNvmet.Configuration;

/// <summary>An NVM subsystem: its name, its identity, its namespaces and the hosts that may use them.</summary>
public sealed record SubsystemConfiguration
{
    /// <summary>Name of the subsystem (SUBNQN).</summary>
    public required Nqn Nqn { get; init; }

    /// <summary>Serial number (SN), 1 to 20 printable ASCII characters; null to let the server make one and keep it.</summary>
    public string? SerialNumber { get; init; }

    /// <summary>Model number (MN), 1 to 40 printable ASCII characters; null for ManagedNvmet.</summary>
    public string? ModelNumber { get; init; }

    /// <summary>Firmware revision (FR), 1 to 8 printable ASCII characters; null for the server's own.</summary>
    public string? FirmwareRevision { get; init; }

    /// <summary>Lowest controller identifier (CNTLID), 1 to FFEFh. Two servers of one subsystem need ranges that do not overlap.</summary>
    public ushort ControllerIdMin { get; init; } = 1;

    /// <summary>Highest controller identifier (CNTLID), 1 to FFEFh.</summary>
    public ushort ControllerIdMax { get; init; } = 0xFFEF;

    /// <summary>Every host may connect.</summary>
    public bool AllowAnyHost { get; init; }

    /// <summary>The hosts that may connect.</summary>
    public ConfigurationList<Nqn> AllowedHosts { get; init; } = [];

    /// <summary>Its namespaces.</summary>
    public ConfigurationList<NamespaceConfiguration> Namespaces { get; init; } = [];

    /// <summary>Maximum number of I/O queues of one controller; null for the server's limit.</summary>
    public int? MaxQueues { get; init; }

    /// <summary>Maximum number of controllers at the same time; null for the server's limit.</summary>
    public int? MaxControllers { get; init; }

    /// <summary>Limits of each namespace that has none of its own.</summary>
    public QualityOfServiceConfiguration? QualityOfService { get; init; }

    /// <summary>Discovery log pages do not contain the subsystem.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Decides what happens when two machines connect with one host NQN.</summary>
    public DuplicateHostPolicy DuplicateHosts { get; init; } = DuplicateHostPolicy.Warn;

    /// <summary>Attributes of the file that this version does not know.</summary>
    public UnknownAttributes Unknown { get; init; } = UnknownAttributes.None;
}
