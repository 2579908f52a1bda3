using System.Collections.Immutable;

namespace ManagedNvmet.Target.Statistics;

/// <summary>The counters of one queue, namespace and operation. One thread writes, with plain additions; others read.</summary>
internal sealed class OperationCounters
{
    private readonly long[] latency = new long[LatencyBuckets.Count];
    private long commands;
    private long errors;
    private long bytes;
    private long latencyMicroseconds;

    public void Record(bool isError, uint transferred, long microseconds)
    {
        Add(ref commands, 1);
        if (isError)
            Add(ref errors, 1);
        else
            Add(ref bytes, transferred);
        if (microseconds < 0)
            return;
        Add(ref latencyMicroseconds, microseconds);
        Add(ref latency[LatencyBuckets.IndexOf(microseconds)], 1);
    }

    /// <summary>From any thread.</summary>
    public OperationTotals Read()
    {
        ImmutableArray<long>.Builder copy = ImmutableArray.CreateBuilder<long>(latency.Length);
        for (int index = 0; index < latency.Length; index++)
            copy.Add(Volatile.Read(ref latency[index]));
        return new OperationTotals
        {
            Commands = Volatile.Read(ref commands),
            Errors = Volatile.Read(ref errors),
            Bytes = Volatile.Read(ref bytes),
            LatencyMicroseconds = Volatile.Read(ref latencyMicroseconds),
            Latency = copy.MoveToImmutable(),
        };
    }

    private static void Add(ref long cell, long amount) => Volatile.Write(ref cell, cell + amount);
}
