namespace ManagedNvmet.Io.Loop;

/// <summary>A one-shot timer of a shard. Its owner makes it once and schedules it as often as it likes.</summary>
/// <remarks>A shard holds a reference to a timer, and so to its handler, only from <see cref="Shard.Schedule"/> until the timer has fired
/// or <see cref="Shard.Cancel"/>. Belongs to the thread of the shard that it is scheduled on.</remarks>
public sealed class ShardTimer(ITimerHandler handler)
{
    /// <summary>When the timer fires, in milliseconds of <see cref="Shard.Now"/>; <see cref="long.MaxValue"/> while it is not
    /// scheduled.</summary>
    public long Due { get; internal set; } = long.MaxValue;

    internal ITimerHandler Handler => handler;

    /// <summary>Number of the <see cref="TimerQueue.Add"/> call: timers with the same due time fire in this order.</summary>
    internal long Order { get; set; }

    /// <summary>Index in the heap of the <see cref="TimerQueue"/>; -1 while the timer is not scheduled.</summary>
    internal int Index { get; set; } = -1;
}
