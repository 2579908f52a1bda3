namespace ManagedNvmet.Reports;

/// <summary>What a host has done with one namespace by one kind of command since the start: sums that only grow while the row
/// lives.</summary>
public sealed record IoStatistics
{
    /// <summary>HOSTNQN; null for all hosts together.</summary>
    public string? HostNqn { get; init; }

    /// <summary>SUBNQN.</summary>
    public required string SubsystemNqn { get; init; }

    /// <summary>NSID.</summary>
    public uint NamespaceId { get; init; }

    /// <summary>The kind of command.</summary>
    public BlockOperation Operation { get; init; }

    /// <summary>Commands that ended.</summary>
    public ulong Commands { get; init; }

    /// <summary>Those of them that failed.</summary>
    public ulong Failures { get; init; }

    /// <summary>Bytes that were transferred.</summary>
    public ulong Bytes { get; init; }

    /// <summary>Sum of the times of the commands, in microseconds; 0 when times are not measured.</summary>
    public ulong LatencyMicroseconds { get; init; }

    /// <summary>Commands by their time: entry i counts those of at most <see cref="LatencyBounds"/>[i], the last one the rest. Empty when
    /// times are not measured.</summary>
    public IReadOnlyList<ulong> LatencyBuckets { get; init; } = [];

    /// <summary>Upper bounds of the buckets in microseconds, ascending; the bucket of the rest has none.</summary>
    public IReadOnlyList<long> LatencyBounds { get; init; } = [];
}
