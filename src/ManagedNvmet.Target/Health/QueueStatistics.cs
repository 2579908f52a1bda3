using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ManagedNvmet.Target.Health;

/// <summary>What one I/O queue has done, for each namespace and operation.</summary>
/// <remarks>Only the queue's thread writes; others read. Allocates when a queue first uses an operation of a namespace, never
/// again.</remarks>
internal sealed class QueueStatistics
{
    private static readonly int OperationCount = Enum.GetValues<BlockOperation>().Length;

    private static readonly double MicrosecondsPerTick = 1e6 / Stopwatch.Frequency;

    private readonly uint _maxNamespaces;
    private readonly bool _measuresLatency;
    private OperationCounters?[]?[] _byNamespace = [];

    // Those with commands in the round in hand, a chain.
    private OperationCounters? _firstOfRound;
    private long _roundStart;

    /// <param name="host">HOSTNQN.</param>
    /// <param name="subsystem">SUBNQN.</param>
    /// <param name="maxNamespaces">The highest NSID with counters; it bounds the memory.</param>
    /// <param name="measuresLatency">Whether latencies are measured.</param>
    public QueueStatistics(Nqn host, Nqn subsystem, uint maxNamespaces, bool measuresLatency)
    {
        Host = host;
        Subsystem = subsystem;
        _maxNamespaces = maxNamespaces;
        _measuresLatency = measuresLatency;
    }

    public Nqn Host { get; }

    public Nqn Subsystem { get; }

    /// <summary>Highest NSID of which anything was counted, or 0. From any thread.</summary>
    public uint HighestNamespaceId => (uint)Volatile.Read(ref _byNamespace).Length;

    /// <summary>Counts a command that succeeded before anything was received after it, together with the others that came with it: when
    /// <see cref="EndRound"/> tells the time, or the first of another round comes.</summary>
    /// <param name="namespaceId">NSID; others than those of possible namespaces are not counted.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="bytes">Bytes that it transferred.</param>
    /// <param name="start">When the round that brought it found its work, in ticks of <see cref="Stopwatch"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddToRound(uint namespaceId, BlockOperation operation, uint bytes, long start)
    {
        if (start != _roundStart)
            BeginRound(start);
        if (Of(namespaceId, operation) is { } counters && counters.AddToRound(bytes))
        {
            counters.NextOfRound = _firstOfRound;
            _firstOfRound = counters;
        }
    }

    /// <summary>Counts what ended in the round in hand.</summary>
    /// <param name="end">When it ended, in ticks of <see cref="Stopwatch"/>.</param>
    public void EndRound(long end)
    {
        if (_firstOfRound is null)
            return;
        long microseconds = Latency(_roundStart, end);
        for (OperationCounters? counters = _firstOfRound; counters is not null; counters = counters.NextOfRound)
            counters.EndRound(microseconds);
        _firstOfRound = null;
    }

    /// <summary>Counts one command.</summary>
    /// <param name="namespaceId">NSID; others than those of possible namespaces are not counted.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="bytes">Bytes that it was to transfer.</param>
    /// <param name="start">When it came, in ticks of <see cref="Stopwatch"/>.</param>
    /// <param name="end">When it ended.</param>
    public void Record(uint namespaceId, BlockOperation operation, NvmeStatus status, uint bytes, long start, long end) =>
        Of(namespaceId, operation)?.Record(status, bytes, Latency(start, end));

    /// <summary>Adds what was counted. From any thread.</summary>
    public void AddTo(Action<StatisticsKey, OperationTotals> add, Nqn? host)
    {
        OperationCounters?[]?[] all = Volatile.Read(ref _byNamespace);
        for (int index = 0; index < all.Length; index++)
        {
            if (Volatile.Read(ref all[index]) is not { } operations)
                continue;
            for (int operation = 0; operation < operations.Length; operation++)
            {
                if (Volatile.Read(ref operations[operation]) is { } counters)
                    add(new StatisticsKey(host, Subsystem, (uint)index + 1, (BlockOperation)operation), counters.Read());
            }
        }
    }

    /// <summary>What the SMART / Health Information log page tells of one namespace. From any thread.</summary>
    public HealthTotals ReadHealth(uint namespaceId)
    {
        OperationCounters?[]?[] all = Volatile.Read(ref _byNamespace);
        if (namespaceId - 1 >= (uint)all.Length || Volatile.Read(ref all[namespaceId - 1]) is not { } operations)
            return default;
        HealthTotals sum = default;
        for (int operation = 0; operation < operations.Length; operation++)
        {
            if (Volatile.Read(ref operations[operation]) is { } counters)
                sum += counters.ReadHealth((BlockOperation)operation);
        }
        return sum;
    }

    /// <summary>The same of all namespaces. From any thread.</summary>
    public HealthTotals ReadHealth()
    {
        HealthTotals sum = default;
        for (uint id = 1; id <= HighestNamespaceId; id++)
            sum += ReadHealth(id);
        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void BeginRound(long start)
    {
        EndRound(start);
        _roundStart = start;
    }

    private long Latency(long start, long end) => _measuresLatency ? (long)((end - start) * MicrosecondsPerTick) : -1;

    private OperationCounters? Of(uint namespaceId, BlockOperation operation)
    {
        OperationCounters?[]?[] all = _byNamespace;
        return namespaceId - 1 < (uint)all.Length && all[namespaceId - 1]?[(int)operation] is { } counters
            ? counters
            : Create(namespaceId, operation);
    }

    private OperationCounters? Create(uint namespaceId, BlockOperation operation)
    {
        if (namespaceId == 0 || namespaceId > _maxNamespaces)
            return null;
        if (namespaceId > (uint)_byNamespace.Length)
        {
            var larger = new OperationCounters?[]?[namespaceId];
            _byNamespace.CopyTo(larger, 0);
            Volatile.Write(ref _byNamespace, larger);
        }
        OperationCounters?[]? operations = _byNamespace[namespaceId - 1];
        if (operations is null)
            Volatile.Write(ref _byNamespace[namespaceId - 1], operations = new OperationCounters?[OperationCount]);
        var counters = new OperationCounters();
        Volatile.Write(ref operations[(int)operation], counters);
        return counters;
    }
}
