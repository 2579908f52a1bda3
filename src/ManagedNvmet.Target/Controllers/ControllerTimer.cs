namespace ManagedNvmet.Target.Controllers;

/// <summary>The one timer of a controller: Keep Alive, idle time or the time that an association waits for its host.</summary>
/// <remarks>Belongs to the thread of the admin queue.</remarks>
internal sealed class ControllerTimer
{
    private long _period;

    /// <summary>What the timer waits for.</summary>
    public ControllerTimerKind Kind { get; private set; }

    /// <summary>When <see cref="Check"/> is due, in milliseconds of the queue's clock; <see cref="long.MaxValue"/> for never.</summary>
    public long Deadline { get; private set; } = long.MaxValue;

    /// <summary>Starts the timer afresh; a period of 0 stops it.</summary>
    public void Start(ControllerTimerKind kind, long now, long periodMilliseconds)
    {
        _period = periodMilliseconds;
        Kind = periodMilliseconds == 0 ? ControllerTimerKind.None : kind;
        Deadline = Kind == ControllerTimerKind.None ? long.MaxValue : now + periodMilliseconds;
    }

    /// <summary>Says whether the timer has run out.</summary>
    /// <param name="now">The queue's clock.</param>
    /// <param name="wasActive">A command came on any queue since the timer was started or last checked. Queues keep a flag instead of
    /// a time, which costs the I/O path nothing; so expiry comes after one period at the earliest and two at the latest, as
    /// Traffic Based Keep Alive Support allows.</param>
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
