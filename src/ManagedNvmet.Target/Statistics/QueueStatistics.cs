using System.Diagnostics;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.Statistics;

/// <summary>What one I/O queue has done, for each namespace and operation.</summary>
/// <remarks>Only the queue's thread writes; others read. Allocates when a queue first uses an operation of a namespace, never again.</remarks>
internal sealed class QueueStatistics
{
    private static readonly int OperationCount = Enum.GetValues<BlockOperation>().Length;

    private static readonly double MicrosecondsPerTick = 1e6 / Stopwatch.Frequency;

    private readonly uint maxNamespaces;
    private readonly bool measuresLatency;
    private OperationCounters?[]?[] byNamespace = [];

    /// <param name="host">HOSTNQN.</param>
    /// <param name="subsystem">SUBNQN.</param>
    /// <param name="maxNamespaces">Highest NSID that is counted: bounds what is kept.</param>
    /// <param name="measuresLatency">Whether latencies are measured.</param>
    public QueueStatistics(Nqn host, Nqn subsystem, uint maxNamespaces, bool measuresLatency)
    {
        Host = host;
        Subsystem = subsystem;
        this.maxNamespaces = maxNamespaces;
        this.measuresLatency = measuresLatency;
    }

    public Nqn Host { get; }

    public Nqn Subsystem { get; }

    /// <summary>Counts a command that has ended.</summary>
    /// <param name="context">The command.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="scheduler">The thread of the queue, on which this is.</param>
    /// <param name="roundTicks">Its <see cref="IConnectionScheduler.RoundTicks"/>.</param>
    public void Record(CommandContext context, NvmeStatus status, IConnectionScheduler scheduler, long roundTicks)
    {
        if (context.Command!.Operation is not { } operation)
            return;
        uint bytes = context.Command.HealthUse == HealthUse.None ? 0 : context.Slot.SglLength;
        Count(context.Entry.NamespaceId, operation, !status.IsSuccess, bytes, measuresLatency ? Latency(context, scheduler, roundTicks) : -1);
    }

    /// <summary>Counts a command.</summary>
    /// <param name="namespaceId">NSID; others than those of possible namespaces are not counted.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="isError">It failed.</param>
    /// <param name="bytes">Bytes that it transferred.</param>
    /// <param name="microseconds">Its latency; negative when it was not measured.</param>
    public void Count(uint namespaceId, BlockOperation operation, bool isError = false, uint bytes = 0, long microseconds = -1) =>
        Of(namespaceId, operation)?.Record(isError, bytes, microseconds);

    /// <summary>Adds what was counted. From any thread.</summary>
    public void AddTo(Action<StatisticsKey, OperationTotals> add, Nqn? host)
    {
        OperationCounters?[]?[] all = Volatile.Read(ref byNamespace);
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

    // The round's own time is exact enough for what ended in another round than it came in; within one it would always tell 0.
    private static long Latency(CommandContext context, IConnectionScheduler scheduler, long roundTicks)
    {
        long end = roundTicks == context.StartedAt ? scheduler.ReadTicks() : roundTicks;
        return (long)((end - context.StartedAt) * MicrosecondsPerTick);
    }

    private OperationCounters? Of(uint namespaceId, BlockOperation operation)
    {
        OperationCounters?[]?[] all = byNamespace;
        return namespaceId - 1 < (uint)all.Length && all[namespaceId - 1]?[(int)operation] is { } counters
            ? counters
            : Create(namespaceId, operation);
    }

    private OperationCounters? Create(uint namespaceId, BlockOperation operation)
    {
        if (namespaceId == 0 || namespaceId > maxNamespaces)
            return null;
        if (namespaceId > (uint)byNamespace.Length)
        {
            var larger = new OperationCounters?[]?[namespaceId];
            byNamespace.CopyTo(larger, 0);
            Volatile.Write(ref byNamespace, larger);
        }
        OperationCounters?[]? operations = byNamespace[namespaceId - 1];
        if (operations is null)
            Volatile.Write(ref byNamespace[namespaceId - 1], operations = new OperationCounters?[OperationCount]);
        var counters = new OperationCounters();
        Volatile.Write(ref operations[(int)operation], counters);
        return counters;
    }
}
