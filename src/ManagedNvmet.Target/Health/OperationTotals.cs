using System.Collections.Immutable;

namespace ManagedNvmet.Target.Health;

/// <summary>What commands of one operation came to, since the target was started.</summary>
public sealed record OperationTotals
{
    /// <summary>Nothing yet.</summary>
    public static OperationTotals Zero { get; } = new() { Latency = [.. new long[LatencyBuckets.Count]] };

    /// <summary>Commands that ended, those included that failed.</summary>
    public long Commands { get; init; }

    /// <summary>Commands that failed.</summary>
    public long Errors { get; init; }

    /// <summary>Bytes that commands which succeeded read or wrote over the network.</summary>
    public long Bytes { get; init; }

    /// <summary>The sum of all latencies, in microseconds: from the command's arrival to its completion being handed to the transport.</summary>
    public long LatencyMicroseconds { get; init; }

    /// <summary>Commands by the class of their latency, see <see cref="LatencyBuckets"/>.</summary>
    public required ImmutableArray<long> Latency { get; init; }

    /// <summary>The sums of both.</summary>
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

    /// <summary>The latency, in microseconds, that a part of the commands stayed below: the upper bound of the class that it lies in.</summary>
    /// <param name="part">0 to 1, such as 0.99.</param>
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
