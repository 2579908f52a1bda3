using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.Queues;

/// <content>How a queue comes to its end: at once, or when what has begun has ended.</content>
public sealed partial class QueuePair
{
    // How often a queue that is stopping looks whether what it waits for is gone: the connection ends some commands by itself.
    private const int StopPollMilliseconds = 100;

    private static readonly Action<object?> ClosePosted = static state =>
    {
        var (queue, reason) = (Tuple<QueuePair, CloseReason>)state!;
        queue.Close(reason);
    };

    private static readonly Action<object?> StopPosted = static state => ((QueuePair)state!).Stop(CloseReason.ServerStopping);

    /// <summary>Ends this queue: what has not been started is aborted; when the rest is done, the Disconnect is completed as the last.</summary>
    internal void Disconnect(CommandContext context)
    {
        _disconnect = context;
        AbortPending(NvmeStatus.AbortedBySubmissionQueueDeletion);
        Stop(CloseReason.AssociationEnded);
    }

    /// <summary>Closes the connection when everything that it waits for is done.</summary>
    internal void ContinueStopping()
    {
        if (_state != QueueState.Stopping || HasPending())
            return;
        int started = _executing - _lending;
        if (_disconnect is { } last && started == 1)
        {
            _disconnect = null;
            Finish(last, NvmeStatus.Success, 0);
            return;
        }
        int waiting = Id == 0 ? Controller!.Events.RequestCount : 0;
        if (started == waiting && (Id != 0 || Controller!.IoQueueCount == 0))
            Connection.CloseAfterSending(_stopReason);
    }

    /// <summary>Closes the connection, soon. From any thread.</summary>
    internal void PostClose(CloseReason reason) => Connection.Scheduler.Post(ClosePosted, Tuple.Create(this, reason));

    /// <summary>Closes the connection when what has begun has ended. From any thread.</summary>
    internal void PostStop() => Connection.Scheduler.Post(StopPosted, this);

    private void Close(CloseReason reason)
    {
        if (_state != QueueState.Closed)
            Connection.Close(reason);
    }

    private void Stop(CloseReason reason)
    {
        if (_state == QueueState.Closed)
            return;
        if (_state == QueueState.WaitConnect)
        {
            Connection.CloseAfterSending(reason);
            return;
        }
        _state = QueueState.Stopping;
        _stopReason = reason;
        _hasRareWork = true;
        _deadline = Connection.Scheduler.Now + StopPollMilliseconds;
        Connection.DeadlineChanged();
        ContinueStopping();
    }

    private bool HasPending()
    {
        if (_throttled is { Count: > 0 })
            return true;
        foreach (CommandContext context in _contexts)
        {
            if (context.Slot.IsPending && context.Command is not null)
                return true;
        }
        return false;
    }

    private void EndForGood()
    {
        _isDrained = true;
        if (_statistics is not null)
        {
            CountRound();
            Controller!.Subsystem.Health.Detach(_statistics);
            Target.Statistics.Detach(_statistics);
        }
        if (Id == 0)
            Controller?.OnAdminQueueDrained();
        else
            Controller!.OnIoQueueDrained(this);
        Target.Forget(this);
    }
}
