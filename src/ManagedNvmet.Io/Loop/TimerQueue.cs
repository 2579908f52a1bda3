namespace ManagedNvmet.Io.Loop;

/// <summary>The scheduled timers of one shard: a binary heap that knows where each timer stands, so that any of them can be removed.
/// Belongs to one thread.</summary>
internal sealed class TimerQueue
{
    private ShardTimer?[] _heap = new ShardTimer?[64];
    private long _order;

    /// <summary>Scheduled timers.</summary>
    public int Count { get; private set; }

    /// <summary>Due time of the next timer, or <see cref="long.MaxValue"/>.</summary>
    public long NextDue => Count == 0 ? long.MaxValue : _heap[0]!.Due;

    /// <summary>Order of the next <see cref="Add"/>. A round fires only timers with a lower order, so a timer that schedules itself again
    /// at once cannot keep the loop.</summary>
    public long OrderLimit => _order;

    /// <summary>Schedules a timer. One that is scheduled already moves to its new time.</summary>
    public void Add(ShardTimer timer, long due)
    {
        Remove(timer);
        if (Count == _heap.Length)
            Array.Resize(ref _heap, 2 * Count);
        timer.Due = due;
        timer.Order = _order++;
        SiftUp(timer, Count++);
    }

    /// <summary>Removes a timer, if it is scheduled.</summary>
    public void Remove(ShardTimer timer)
    {
        int index = timer.Index;
        if (index < 0)
            return;
        if (index >= Count || _heap[index] != timer)
            throw new InvalidOperationException("The timer is scheduled on another shard.");
        timer.Index = -1;
        timer.Due = long.MaxValue;
        ShardTimer last = _heap[--Count]!;
        _heap[Count] = null;
        if (last == timer)
            return;
        SiftDown(last, index);
        if (last.Index == index)
            SiftUp(last, index);
    }

    /// <summary>Takes one timer that is due at <paramref name="now"/> and has an order below <paramref name="orderLimit"/>, if there is one
    /// at the front.</summary>
    public bool TryTake(long now, long orderLimit, out ITimerHandler handler)
    {
        if (Count == 0 || _heap[0]!.Due > now || _heap[0]!.Order >= orderLimit)
        {
            handler = null!;
            return false;
        }
        handler = _heap[0]!.Handler;
        Remove(_heap[0]!);
        return true;
    }

    private void SiftUp(ShardTimer timer, int index)
    {
        while (index > 0 && IsBefore(timer, _heap[(index - 1) / 2]!))
        {
            Place(_heap[(index - 1) / 2]!, index);
            index = (index - 1) / 2;
        }
        Place(timer, index);
    }

    private void SiftDown(ShardTimer timer, int index)
    {
        while (true)
        {
            int child = (2 * index) + 1;
            if (child + 1 < Count && IsBefore(_heap[child + 1]!, _heap[child]!))
                child++;
            if (child >= Count || !IsBefore(_heap[child]!, timer))
                break;
            Place(_heap[child]!, index);
            index = child;
        }
        Place(timer, index);
    }

    private void Place(ShardTimer timer, int index)
    {
        _heap[index] = timer;
        timer.Index = index;
    }

    private static bool IsBefore(ShardTimer left, ShardTimer right) =>
        left.Due != right.Due ? left.Due < right.Due : left.Order < right.Order;
}
