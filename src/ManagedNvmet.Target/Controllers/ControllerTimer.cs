namespace ManagedNvmet.Target.Controllers;

/// <summary>The timer of a controller, for Keep Alive, for idleness, or for an association that waits for its host.</summary>
/// <remarks>Only the thread of the admin queue may use it.</remarks>
internal sealed class ControllerTimer
{
    private long _period;

    /// <summary>The purpose of the timer.</summary>
    public ControllerTimerKind Kind { get; private set; }

    /// <summary>The time of the next <see cref="Check"/> in milliseconds of the queue's clock; <see cref="long.MaxValue"/> for
    /// none.</summary>
    public long Deadline { get; private set; } = long.MaxValue;

    /// <summary>Restarts the timer; a period of 0 stops it.</summary>
    public void Start(ControllerTimerKind kind, long now, long periodMilliseconds)
    {
        _period = periodMilliseconds;
        Kind = periodMilliseconds == 0 ? ControllerTimerKind.None : kind;
        Deadline = Kind == ControllerTimerKind.None ? long.MaxValue : now + periodMilliseconds;
    }

    /// <summary>Returns true when the timer has expired.</summary>
    /// <param name="now">The time of the queue's clock in milliseconds.</param>
    /// <param name="wasActive">True when a command arrived on any queue since the start or the last check of the timer. Queues keep a flag
    /// instead of a time, which costs the I/O path nothing. So the timer expires after one to two periods, as Traffic Based Keep Alive
    /// Support allows.</param>
    public bool Check(long now, bool wasActive)
    {
        if (now < Deadline)
            return false;
        if (wasActive && Kind is ControllerTimerKind.KeepAlive or ControllerTimerKind.Idle)
        {
            Deadline = now + _period;
            return false;
        }
        Deadline = long.MaxValue;
        return true;
    }
}
