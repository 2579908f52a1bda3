using System.Runtime.CompilerServices;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Health;

namespace ManagedNvmet.Target.Queues;

/// <content>What an I/O queue counts. Commands that end before anything more is received, as most do on memory, are counted together
/// when their responses are about to be sent.</content>
public sealed partial class QueuePair
{
    // Null but on an I/O queue.
    private QueueStatistics? _statistics;

    // A command has ended that is not counted yet.
    private bool _hasEnds;

    // Since when there was always a command outstanding, or when that was last counted.
    private long _busySince;

    /// <inheritdoc/>
    public void OnSending() => CountRound();

    private void CountRound()
    {
        if (!_hasEnds)
            return;
        _hasEnds = false;
        long now = Connection.Scheduler.ReadTicks();
        _statistics!.EndRound(now);
        Controller!.Subsystem.Health.AddBusy(_busySince, now);
        _busySince = now;
    }

    private void CountEnd(CommandContext context, NvmeStatus status)
    {
        if (_statistics is null || context.Command!.Operation is not { } operation)
            return;
        _hasEnds = true;
        if (status.IsSuccess && context.StartedAt == Connection.ReceivedAt)
            _statistics.AddToRound(context.Entry.NamespaceId, operation, context.BlockBytes, context.StartedAt);
        else
            CountAlone(context, operation, status);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CountAlone(CommandContext context, BlockOperation operation, NvmeStatus status)
    {
        long now = Connection.Scheduler.RoundTicks;

        // The round's own time is exact enough for what ended in another round than it came in; within one it would always tell 0.
        long end = now == context.StartedAt ? Connection.Scheduler.ReadTicks() : now;
        _statistics!.Record(context.Entry.NamespaceId, operation, status, context.BlockBytes, context.StartedAt, end);
    }
}
