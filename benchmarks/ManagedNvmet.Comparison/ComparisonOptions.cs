namespace ManagedNvmet.Comparison;

/// <summary>Options of a comparison.</summary>
public sealed record ComparisonOptions
{
    /// <summary>Number of rounds; each measures everything once.</summary>
    public required int Rounds { get; init; }

    /// <summary>Duration of one measurement in seconds, after one second of warm-up.</summary>
    public required int Seconds { get; init; }

    /// <summary>Duration of the steady-state load in seconds.</summary>
    public required int SteadySeconds { get; init; }

    /// <summary>Duration of the idle measurement in seconds.</summary>
    public required int IdleSeconds { get; init; }

    /// <summary>How long this server polls before it sleeps, where the others poll, in µs; 0 lets it sleep at once.</summary>
    public required int SpinMicroseconds { get; init; }

    /// <summary>Names of the bars to measure; none for all.</summary>
    public required IReadOnlyList<string> Only { get; init; }

    /// <summary>Path of this repository's server.</summary>
    public required string Server { get; init; }

    /// <summary>Path of this repository's load generator.</summary>
    public required string LoadTool { get; init; }

    /// <summary>Path of a built SPDK source tree, or null.</summary>
    public string? SpdkTree { get; init; }

    /// <summary>Path of the minimal NVMe/TCP server, or null.</summary>
    public string? Floor { get; init; }

    /// <summary>Path of a block device whose content may be lost, or null.</summary>
    public string? Device { get; init; }

    /// <summary>Client for the NVMe/TCP servers.</summary>
    public ClientKind Client { get; init; }

    /// <summary>File for the result as JSON, or null.</summary>
    public string? Json { get; init; }
}
