using ManagedNvmet.Target.Access;

namespace ManagedNvmet.Configuration;

/// <summary>An NVM subsystem: a name, an identity, its namespaces and who may use them.</summary>
public sealed record SubsystemConfiguration
{
    /// <summary>SUBNQN.</summary>
    public required Nqn Nqn { get; init; }

    /// <summary>SN, 1 to 20 printable ASCII characters; null for one that is made once and kept.</summary>
    public string? SerialNumber { get; init; }

    /// <summary>MN, 1 to 40 printable ASCII characters; null for ManagedNvmet.</summary>
    public string? ModelNumber { get; init; }

    /// <summary>FR, 1 to 8 printable ASCII characters; null for the server's.</summary>
    public string? FirmwareRevision { get; init; }

    /// <summary>Lowest CNTLID, 1 to FFEFh. Two servers of one subsystem need ranges that do not meet.</summary>
    public ushort ControllerIdMin { get; init; } = 1;

    /// <summary>Highest CNTLID, 1 to FFEFh.</summary>
    public ushort ControllerIdMax { get; init; } = 0xFFEF;

    /// <summary>Every host may connect.</summary>
    public bool AllowAnyHost { get; init; }

    /// <summary>The hosts that may connect.</summary>
    public ConfigurationList<Nqn> AllowedHosts { get; init; } = [];

    /// <summary>The disks.</summary>
    public ConfigurationList<NamespaceConfiguration> Namespaces { get; init; } = [];

    /// <summary>Most I/O queues of one controller; null for the server's limit.</summary>
    public int? MaxQueues { get; init; }

    /// <summary>Most controllers at a time; null for the server's limit.</summary>
    public int? MaxControllers { get; init; }

    /// <summary>Limits of each namespace that has none of its own.</summary>
    public QualityOfServiceConfiguration? QualityOfService { get; init; }

    /// <summary>No discovery log page tells of it.</summary>
    public bool IsHidden { get; init; }

    /// <summary>What happens when two machines connect with one host NQN.</summary>
    public DuplicateHostPolicy DuplicateHosts { get; init; } = DuplicateHostPolicy.Warn;

    /// <summary>What the file says besides.</summary>
    public UnknownAttributes Unknown { get; init; } = UnknownAttributes.None;
}
