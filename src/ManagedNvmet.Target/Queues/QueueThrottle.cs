using ManagedNvmet.Protocol.Controller;

namespace ManagedNvmet.Target.Queues;

/// <summary>The commands of one queue that wait because of a limit of quality of service, and when the next of them may go.</summary>
/// <remarks>Belongs to the queue's thread. Made when a command has to wait for the first time: most queues never have a limit.</remarks>
internal sealed class QueueThrottle(ControllerConnection connection)
{
    private readonly ThrottleLine _line = new();

    /// <summary>When the next turn is due, in milliseconds of the queue's clock; <see cref="long.MaxValue"/> when nothing waits.</summary>
    public long Deadline { get; private set; } = long.MaxValue;

    /// <summary>Commands that wait.</summary>
    public int Count => _line.Count;

    /// <summary>Lets a command of a namespace with limits go, or makes it wait. A command that waits holds no buffer, unless its data came
    /// with it in the capsule.</summary>
    public bool TryPass(QueuedCommand context)
    {
        long now = connection.Scheduler.Now;
        if (_line.TryPass(context, now))
        {
            context.Throttles = null;
            return true;
        }
        if (Deadline == long.MaxValue)
        {
            Deadline = _line.NextTurn(now);
            connection.DeadlineChanged();
        }
        return false;
    }

    /// <summary>Begins a turn; <see cref="TryTake"/> then gives the commands that may go.</summary>
    public void BeginTurn(long now)
    {
        Deadline = long.MaxValue;
        _line.BeginTurn(now);
    }

    /// <summary>Takes the next command that may go now.</summary>
    /// <param name="position">0 at the begin of a turn, then as the last call left it.</param>
    /// <returns>Null when no other may go.</returns>
    public QueuedCommand? TryTake(ref int position)
    {
        QueuedCommand? context = _line.TakeNext(ref position);
        if (context is not null)
            context.Throttles = null;
        return context;
    }

    /// <summary>Ends a turn.</summary>
    public void EndTurn(long now) => Deadline = _line.NextTurn(now);

    /// <summary>Takes a command out that is to be aborted.</summary>
    /// <returns>False when it does not wait here.</returns>
    public bool TryRemove(QueuedCommand context)
    {
        if (!_line.TryRemove(context))
            return false;
        context.Throttles = null;
        return true;
    }
}
