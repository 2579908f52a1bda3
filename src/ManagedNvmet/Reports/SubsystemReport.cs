namespace ManagedNvmet.Reports;

/// <summary>A subsystem.</summary>
public sealed record SubsystemReport
{
    /// <summary>SUBNQN.</summary>
    public required string Nqn { get; init; }

    /// <summary>SN.</summary>
    public required string SerialNumber { get; init; }

    /// <summary>MN.</summary>
    public required string ModelNumber { get; init; }

    /// <summary>FR.</summary>
    public required string FirmwareRevision { get; init; }

    /// <summary>Any host may connect; otherwise those of <see cref="AllowedHosts"/>.</summary>
    public bool AllowsAnyHost { get; init; }

    /// <summary>The hosts that may connect.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Namespaces, those included that are not ready.</summary>
    public int Namespaces { get; init; }

    /// <summary>Controllers of hosts that are connected.</summary>
    public int Sessions { get; init; }
}
