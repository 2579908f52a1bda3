namespace ManagedNvmet.Simulation.Kernel;

/// <summary>Queue of future events on a simulated clock, in order of time.</summary>
internal sealed class EventLoop : TimeProvider
{
    private readonly PriorityQueue<Action, (long Time, long Order)> _events = new();
    private long _order;

    public const long Millisecond = 1000;
    public const long Second = 1000 * Millisecond;

    /// <summary>Simulated time in µs. It does not start at 0, so that an unset time is detected.</summary>
    public long Now { get; private set; } = Second;

    public long Milliseconds => Now / Millisecond;

    public long Executed { get; private set; }

    public override long TimestampFrequency => Second;

    public override long GetTimestamp() => Now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddMicroseconds(Now);

    public void At(long time, Action happening) => _events.Enqueue(happening, (Math.Max(time, Now), _order++));

    public void After(long delay, Action happening) => At(Now + delay, happening);

    /// <summary>Advances the clock to the next event and runs it. Returns false when there is none.</summary>
    public bool RunNext()
    {
        if (!_events.TryDequeue(out Action? happening, out (long Time, long Order) when))
            return false;
        Now = when.Time;
        Executed++;
        happening();
        return true;
    }
}
