using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Target.Health;

namespace ManagedNvmet.Target.Queues;

/// <summary>Counts the commands of one I/O queue, and the time in which it has any. Commands that end in the round in which they came, as
/// most do on memory, are counted together just before their responses are sent, with one reading of the clock.</summary>
/// <remarks>Belongs to the queue's thread, but for <see cref="Totals"/>.</remarks>
internal sealed class QueueAccounting(QueueStatistics statistics, HealthCounters health, ControllerConnection connection)
{
    // True when a command has ended that is not counted yet.
    private bool _hasEnds;

    // Since when there was always a command executing, or when that was last counted; in ticks.
    private long _busySince;

    /// <summary>Sums over all namespaces. From any thread.</summary>
    public HealthTotals Totals => statistics.ReadHealth();

    /// <summary>A command begins while no other executes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void BeginBusy(long startedAt)
    {
        if (!_hasEnds)
            _busySince = startedAt;
    }

    /// <summary>Counts a command that was executed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CountExecuted(QueuedCommand context, NvmeStatus status)
    {
        if (context.Command!.Operation is not { } operation)
            return;
        _hasEnds = true;
        if (status.IsSuccess && context.StartedAt == connection.ReceivedAt)
            statistics.AddToRound(context.Entry.NamespaceId, operation, context.BlockBytes, context.StartedAt);
        else
            CountAlone(context, operation, status);
    }

    /// <summary>Counts a command that ended before it was executed. A command without an active namespace is not counted here, so that
    /// hosts do not choose how much is kept; the controller's error log counts it.</summary>
    public void CountRefused(QueuedCommand context, NvmeStatus status)
    {
        if (context.Namespace is not null && context.Command is { Operation: { } operation })
            CountAlone(context, operation, status);
    }

    /// <summary>Counts the commands that ended in this round.</summary>
    public void CountRound()
    {
        if (!_hasEnds)
            return;
        _hasEnds = false;
        long now = connection.Scheduler.ReadTicks();
        statistics.EndRound(now);
        health.AddBusy(_busySince, now);
        _busySince = now;
    }

    /// <summary>The queue has ended, and its last command too.</summary>
    public void End(TargetStatistics target)
    {
        CountRound();
        health.Detach(statistics);
        target.Detach(statistics);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CountAlone(QueuedCommand context, BlockOperation operation, NvmeStatus status)
    {
        long now = connection.Scheduler.RoundTicks;

        // The time of the round is exact enough for a command that came in another round; for one of this round it would always give 0.
        long end = now == context.StartedAt ? connection.Scheduler.ReadTicks() : now;
        statistics.Record(context.Entry.NamespaceId, operation, status, context.BlockBytes, context.StartedAt, end);
    }
}
