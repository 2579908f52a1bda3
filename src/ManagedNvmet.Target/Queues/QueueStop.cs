using ManagedNvmet.Protocol.Connection;

namespace ManagedNvmet.Target.Queues;

/// <summary>Stops a queue: waits until the commands that have begun have ended, completes a Disconnect as the last one, and closes the
/// connection. The admin queue of a controller waits for its I/O queues, too.</summary>
/// <remarks>Belongs to the queue's thread.</remarks>
internal sealed class QueueStop(QueuePair queue)
{
    // The connection ends some commands without a call to the queue, so a stopping queue looks again from time to time.
    private const int PollMilliseconds = 100;

    private QueuedCommand? _disconnect;
    private CloseReason _reason;

    /// <summary>When <see cref="OnTimer"/> is due, in milliseconds of the queue's clock; <see cref="long.MaxValue"/> for never.</summary>
    public long Deadline { get; private set; } = long.MaxValue;

    /// <summary>Remembers the Disconnect command that is to be completed last.</summary>
    public void SetDisconnect(QueuedCommand command) => _disconnect = command;

    /// <summary>Begins to stop.</summary>
    public void Begin(CloseReason reason)
    {
        _reason = reason;
        Deadline = queue.Connection.Scheduler.Now + PollMilliseconds;
        queue.Connection.DeadlineChanged();
        Continue();
    }

    /// <summary>Closes the connection if nothing is left to wait for.</summary>
    public void Continue()
    {
        if (queue.Commands.HasPending)
            return;
        if (_disconnect is { } last && queue.Commands.Executing == 1)
        {
            _disconnect = null;
            queue.Commands.Finish(last, NvmeStatus.Success, 0);
            return;
        }
        bool isAdmin = queue.Id == 0;
        int waiting = isAdmin ? queue.Controller!.Events.RequestCount : 0;
        if (queue.Commands.Executing == waiting && (!isAdmin || queue.Controller!.IoQueueCount == 0))
            queue.Connection.CloseAfterSending(_reason);
    }

    /// <summary>Looks again when <see cref="Deadline"/> has passed.</summary>
    public void OnTimer(long now)
    {
        if (now < Deadline)
            return;
        Deadline = now + PollMilliseconds;
        queue.ContinueStopping();
    }

    /// <summary>The connection is over: nobody waits for the answer to a Disconnect, which would wait for itself.</summary>
    public void OnClosed()
    {
        Deadline = long.MaxValue;
        if (_disconnect is not { } last)
            return;
        _disconnect = null;
        queue.Commands.Finish(last, NvmeStatus.AbortedBySubmissionQueueDeletion, 0);
    }
}
