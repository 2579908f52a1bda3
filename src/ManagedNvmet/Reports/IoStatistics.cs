namespace ManagedNvmet.Reports;

/// <summary>Sums of one host's commands of one operation on one namespace since the start. They only increase while the row
/// exists.</summary>
public sealed record IoStatistics
{
    /// <summary>NQN of the host (HOSTNQN); null for the sum of all hosts.</summary>
    public string? HostNqn { get; init; }

    /// <summary>NQN of the subsystem (SUBNQN).</summary>
    public required string SubsystemNqn { get; init; }

    /// <summary>Namespace ID (NSID).</summary>
    public uint NamespaceId { get; init; }

    /// <summary>The operation of the commands.</summary>
    public BlockOperation Operation { get; init; }

    /// <summary>Number of completed commands.</summary>
    public ulong Commands { get; init; }

    /// <summary>Number of commands that completed with an error.</summary>
    public ulong Failures { get; init; }

    /// <summary>Number of transferred bytes.</summary>
    public ulong Bytes { get; init; }

    /// <summary>Sum of the latencies of the commands, in µs; 0 when latencies are not measured.</summary>
    public ulong LatencyMicroseconds { get; init; }

    /// <summary>Number of commands per latency bucket. Bucket i counts commands with at most <see cref="LatencyBounds"/>[i], the last
    /// bucket all slower ones. Empty when latencies are not measured.</summary>
    public IReadOnlyList<ulong> LatencyBuckets { get; init; } = [];

    /// <summary>Upper bounds of the buckets in µs, ascending. The last bucket has none.</summary>
    public IReadOnlyList<long> LatencyBounds { get; init; } = [];
}
