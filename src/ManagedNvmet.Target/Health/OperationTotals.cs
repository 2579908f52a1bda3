using System.Collections.Immutable;

namespace ManagedNvmet.Target.Health;

/// <summary>The counts of the commands of one operation since the start of the target.</summary>
public sealed record OperationTotals
{
    /// <summary>All counts are 0.</summary>
    public static OperationTotals Zero { get; } = new() { Latency = [.. new long[LatencyBuckets.Count]] };

    /// <summary>The number of commands that ended, including those that failed.</summary>
    public long Commands { get; init; }

    /// <summary>The number of commands that failed.</summary>
    public long Errors { get; init; }

    /// <summary>The number of bytes that successful commands transferred over the network.</summary>
    public long Bytes { get; init; }

    /// <summary>The sum of all latencies, in microseconds. The latency of a command lasts from its arrival to the call of the transport
    /// with its completion.</summary>
    public long LatencyMicroseconds { get; init; }

    /// <summary>The number of commands in each class of <see cref="LatencyBuckets"/>.</summary>
    public required ImmutableArray<long> Latency { get; init; }

    /// <summary>Returns the sums of both.</summary>
    public static OperationTotals operator +(OperationTotals left, OperationTotals right)
    {
        var latency = new long[LatencyBuckets.Count];
        for (int index = 0; index < latency.Length; index++)
            latency[index] = left.Latency[index] + right.Latency[index];
        return new OperationTotals
        {
            Commands = left.Commands + right.Commands,
            Errors = left.Errors + right.Errors,
            Bytes = left.Bytes + right.Bytes,
            LatencyMicroseconds = left.LatencyMicroseconds + right.LatencyMicroseconds,
            Latency = [.. latency],
        };
    }

    /// <summary>Returns a quantile of the latency in microseconds, as the upper bound of its class.</summary>
    /// <param name="part">The quantile, 0 to 1, such as 0.99.</param>
    /// <returns>0 when there were no commands.</returns>
    public double Quantile(double part)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(part, 1);
        double wanted = part * Latency.Sum();
        long seen = 0;
        for (int index = 0; index < Latency.Length; index++)
        {
            seen += Latency[index];
            if (seen > 0 && seen >= wanted)
                return LatencyBuckets.UpperBoundMicroseconds(index);
        }
        return 0;
    }
}
