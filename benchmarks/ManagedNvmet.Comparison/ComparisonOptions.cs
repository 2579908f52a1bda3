namespace ManagedNvmet.Comparison;

/// <summary>What was asked for.</summary>
public sealed record ComparisonOptions
{
    /// <summary>Times that everything is measured.</summary>
    public required int Rounds { get; init; }

    /// <summary>Seconds of one measurement, after one of warm-up.</summary>
    public required int Seconds { get; init; }

    /// <summary>Seconds of the steady-state load.</summary>
    public required int SteadySeconds { get; init; }

    /// <summary>Seconds without a command.</summary>
    public required int IdleSeconds { get; init; }

    /// <summary>How long our server looks for work before it sleeps, where the others poll, in microseconds; 0: it sleeps at once.</summary>
    public required int SpinMicroseconds { get; init; }

    /// <summary>Names of the bars to measure; empty for all.</summary>
    public required IReadOnlyList<string> Only { get; init; }

    /// <summary>Our server.</summary>
    public required string Server { get; init; }

    /// <summary>Our load generator.</summary>
    public required string LoadTool { get; init; }

    /// <summary>A tree of SPDK with build/bin, or null.</summary>
    public string? SpdkTree { get; init; }

    /// <summary>The bare server, or null.</summary>
    public string? Floor { get; init; }

    /// <summary>A block device whose content may be lost, or null.</summary>
    public string? Device { get; init; }

    /// <summary>The client of NVMe/TCP servers.</summary>
    public ClientKind Client { get; init; }

    /// <summary>Where the result goes as JSON, or null.</summary>
    public string? Json { get; init; }
}
