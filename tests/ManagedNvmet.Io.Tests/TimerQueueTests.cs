namespace ManagedNvmet.Io.Tests;

public sealed class TimerQueueTests
{
    private readonly TimerQueue _queue = new();

    [Fact]
    public void Timers_come_out_by_due_time_and_those_with_the_same_time_in_the_order_of_scheduling()
    {
        Handler[] handlers = [.. Enumerable.Range(0, 6).Select(_ => new Handler())];
        int[] dues = [5, 1, 5, 3, 1, 9];
        for (int i = 0; i < dues.Length; i++)
            _queue.Add(handlers[i].Timer, dues[i]);
        Assert.Equal([1, 4, 3, 0, 2], TakeDue(5).Select(handler => Array.IndexOf(handlers, handler)));
        Assert.Equal((1, 9L), (_queue.Count, _queue.NextDue));
    }

    [Fact]
    public void Any_of_many_timers_can_be_removed_and_the_others_stay_in_order()
    {
        var random = new Random(11);
        Handler[] handlers = [.. Enumerable.Range(0, 1000).Select(_ => new Handler())];
        foreach (Handler handler in handlers)
            _queue.Add(handler.Timer, random.Next(100));
        long[] expected = [.. handlers.Where((_, i) => i % 3 != 0).Select(handler => handler.Timer.Due).Order()];
        for (int i = 0; i < handlers.Length; i += 3)
            _queue.Remove(handlers[i].Timer);
        var taken = new List<long>();
        while (_queue.Count > 0)
        {
            taken.Add(_queue.NextDue);
            Assert.True(_queue.TryTake(100, long.MaxValue, out _));
        }
        Assert.Equal(expected, taken);
        Assert.All(handlers, handler => Assert.Equal(long.MaxValue, handler.Timer.Due));
    }

    [Fact]
    public void Adding_a_timer_again_moves_it_and_removing_one_that_is_not_scheduled_does_nothing()
    {
        Handler handler = new(), other = new();
        _queue.Remove(handler.Timer);
        _queue.Add(handler.Timer, 10);
        _queue.Add(other.Timer, 20);
        _queue.Add(handler.Timer, 30);
        Assert.Equal((2, 20L), (_queue.Count, _queue.NextDue));
        Assert.Equal([other, handler], TakeDue(30));
    }

    [Fact]
    public void A_timer_is_scheduled_on_one_queue_at_a_time()
    {
        var handler = new Handler();
        new TimerQueue().Add(handler.Timer, 1);
        Assert.Throws<InvalidOperationException>(() => _queue.Add(handler.Timer, 1));
    }

    [Fact]
    public void A_timer_that_was_scheduled_after_the_limit_waits_for_the_next_round()
    {
        var handler = new Handler();
        long limit = _queue.OrderLimit;
        _queue.Add(handler.Timer, 0);
        Assert.False(_queue.TryTake(0, limit, out _));
        Assert.True(_queue.TryTake(0, _queue.OrderLimit, out ITimerHandler taken));
        Assert.Same(handler, taken);
    }

    private List<ITimerHandler> TakeDue(long now)
    {
        var taken = new List<ITimerHandler>();
        while (_queue.TryTake(now, long.MaxValue, out ITimerHandler handler))
            taken.Add(handler);
        return taken;
    }

    private sealed class Handler : ITimerHandler
    {
        public Handler() => Timer = new ShardTimer(this);

        public ShardTimer Timer { get; }

        public void OnTimer(long now)
        {
        }
    }
}
