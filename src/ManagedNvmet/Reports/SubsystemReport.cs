namespace ManagedNvmet.Reports;

/// <summary>A subsystem.</summary>
public sealed record SubsystemReport
{
    /// <summary>NQN of the subsystem (SUBNQN).</summary>
    public required string Nqn { get; init; }

    /// <summary>Serial Number (SN).</summary>
    public required string SerialNumber { get; init; }

    /// <summary>Model Number (MN).</summary>
    public required string ModelNumber { get; init; }

    /// <summary>Firmware Revision (FR).</summary>
    public required string FirmwareRevision { get; init; }

    /// <summary>True when any host may connect; otherwise only those of <see cref="AllowedHosts"/> may.</summary>
    public bool AllowsAnyHost { get; init; }

    /// <summary>NQNs of the hosts that may connect.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Number of namespaces, including those that are not ready.</summary>
    public int Namespaces { get; init; }

    /// <summary>Number of controllers.</summary>
    public int Sessions { get; init; }
}
