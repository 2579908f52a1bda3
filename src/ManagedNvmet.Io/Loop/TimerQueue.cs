namespace ManagedNvmet.Io.Loop;

/// <summary>One-shot timers of a shard; equal times run in the order of asking. Belongs to one thread.</summary>
internal sealed class TimerQueue
{
    private readonly PriorityQueue<ITimerHandler, (long Due, long Order)> _queue = new(64);
    private long _order;

    /// <summary>Timers that wait.</summary>
    public int Count => _queue.Count;

    public void Add(long due, ITimerHandler handler) => _queue.Enqueue(handler, (due, _order++));

    /// <summary>Time of the nearest timer, or <see cref="long.MaxValue"/>.</summary>
    public long NextDue => _queue.TryPeek(out _, out (long Due, long Order) key) ? key.Due : long.MaxValue;

    /// <summary>Takes one timer that is due and was asked for before <paramref name="orderLimit"/>, if there is one.</summary>
    public bool TryTake(long now, long orderLimit, out ITimerHandler handler)
    {
        if (_queue.TryPeek(out handler!, out (long Due, long Order) key) && key.Due <= now && key.Order < orderLimit)
        {
            _queue.Dequeue();
            return true;
        }
        return false;
    }

    /// <summary>What the next timer asked for will carry: a round runs the timers from before it only, so that one which asks for
    /// itself at once cannot keep the loop.</summary>
    public long OrderLimit => _order;
}
