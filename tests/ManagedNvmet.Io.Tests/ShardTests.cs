using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.Io.Tests;

public class ShardTests
{
    [Fact]
    public void The_shard_is_current_on_its_own_thread_only()
    {
        using var test = new TestShard();
        Assert.Null(Shard.Current);
        Assert.False(test.Shard.IsCurrentThread);
        Assert.Same(test.Shard, test.Get(() => Shard.Current));
        Assert.True(test.Get(() => test.Shard.IsCurrentThread));
        Assert.Equal("shard-0", test.Get(() => Thread.CurrentThread.Name));
    }

    [Fact]
    public void Work_from_many_threads_all_runs_and_keeps_the_order_of_each_thread()
    {
        using var test = new TestShard();
        const int Threads = 4;
        const int Each = 20_000;
        int[] last = new int[Threads];
        int disorder = 0;
        int total = 0;
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
        {
            for (int i = 1; i <= Each; i++)
            {
                int number = i;
                test.Shard.Post(_ =>
                {
                    disorder += last[thread] + 1 == number ? 0 : 1;
                    last[thread] = number;
                    total++;
                }, null);
            }
        });
        test.Run(() => { });
        Assert.Equal((0, Threads * Each), (disorder, total));
    }

    [Fact]
    public void A_stop_runs_what_was_posted_and_refuses_what_comes_later()
    {
        var test = new TestShard();
        var counter = new Counter();
        for (int i = 0; i < 1000; i++)
            test.Shard.Post(Counter.Add, counter);
        test.Dispose();
        Assert.Equal(1000, counter.Value);
        Assert.False(test.Shard.TryPost(Counter.Add, counter));
        Assert.Throws<ObjectDisposedException>(() => test.Shard.Post(Counter.Add, counter));
        test.Shard.Stop();
    }

    [Fact]
    public async Task A_shard_that_was_never_started_can_be_disposed()
    {
        var shard = new Shard(new ShardOptions(), NullLogger.Instance);
        await shard.DisposeAsync();
        Assert.Throws<InvalidOperationException>(shard.Start);
    }

    [Fact]
    public void Timers_run_in_the_order_of_their_times_and_not_early()
    {
        using var test = new TestShard();
        var order = new List<int>();
        var done = new TaskCompletionSource();
        long early = 0;
        test.Run(() =>
        {
            long now = test.Shard.Now;
            foreach (int delay in new[] { 40, 10, 25, -5 })
            {
                test.Shard.Schedule(Timer(at =>
                {
                    early += at < now + delay ? 1 : 0;
                    order.Add(delay);
                    if (order.Count == 4)
                        done.SetResult();
                }), now + delay);
            }
        });
        TestShard.Wait(done.Task);
        Assert.Equal([-5, 10, 25, 40], order);
        Assert.Equal(0, early);
    }

    [Fact]
    public void A_timer_that_asks_for_itself_at_once_does_not_hold_the_loop()
    {
        using var test = new TestShard();
        int runs = 0;
        ShardTimer timer = null!;
        timer = Timer(now =>
        {
            if (++runs < 1_000_000)
                test.Shard.Schedule(timer, now);
        });
        test.Run(() => test.Shard.Schedule(timer, 0));
        test.Run(() => { });
        Assert.InRange(runs, 0, 999_999);
        test.Run(() => runs = 1_000_000);
    }

    [Fact]
    public void A_cancelled_timer_does_not_fire_and_its_handler_is_collected()
    {
        using var test = new TestShard();
        int fired = 0;
        WeakReference handler = test.Get(() => ScheduleAndCancel(test.Shard, () => fired++));
        Assert.Equal(0, test.Get(() => test.Shard.TimerCount));
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                GC.Collect();
                return !handler.IsAlive;
            },
            TestShard.Patience));
        Assert.Equal(0, fired);
    }

    [Fact]
    public void A_timer_that_is_scheduled_again_fires_once_at_its_new_time()
    {
        using var test = new TestShard();
        var fired = new TaskCompletionSource<long>();
        var timer = Timer(at => fired.SetResult(at));
        long due = test.Get(() =>
        {
            long now = test.Shard.Now;
            test.Shard.Schedule(timer, long.MaxValue - 1);
            test.Shard.Schedule(timer, now + 20);
            return now + 20;
        });
        Assert.InRange(TestShard.Wait(fired.Task), due, long.MaxValue);
        Assert.Equal((0, long.MaxValue), test.Get(() => (test.Shard.TimerCount, timer.Due)));
    }

    [Fact]
    public void An_exception_out_of_any_handler_is_reported_and_the_loop_lives()
    {
        var reported = new List<string>();
        using var test = new TestShard(new ShardOptions { OnUnhandled = e => reported.Add(e.Message) });
        using var ready = new EventDescriptor();
        ready.Signal();
        test.Shard.Post(_ => throw new InvalidOperationException("posted"), null);
        test.Run(() => test.Shard.Schedule(Timer(_ => throw new InvalidOperationException("timer")), 0));
        test.Run(() => test.Shard.AtRoundEnd(new RoundEnd(() => throw new InvalidOperationException("round end"))));
        test.Run(() => test.Shard.Watch(ready.Fd, PollEvents.In, new Poll((fd, _) =>
        {
            test.Shard.Unwatch(fd);
            throw new InvalidOperationException("poll");
        })));
        var done = new TaskCompletionSource();
        test.Run(() => test.Shard.Schedule(Timer(_ => done.SetResult()), test.Shard.Now + 5));
        TestShard.Wait(done.Task);
        Assert.Equal(["poll", "posted", "round end", "timer"], reported.Order());
    }

    [Fact]
    public void Of_descriptors_that_are_always_ready_each_is_served_first_as_often_as_the_others()
    {
        using var test = new TestShard();
        var descriptors = new List<EventDescriptor>();
        int[] first = new int[5];
        long round = -1;
        test.Run(() =>
        {
            for (int i = 0; i < first.Length; i++)
            {
                int own = i;
                var descriptor = new EventDescriptor();
                descriptors.Add(descriptor);
                descriptor.Signal();
                test.Shard.Watch(descriptor.Fd, PollEvents.In, new Poll((_, _) =>
                {
                    if (round == test.Shard.RoundCount)
                        return;
                    round = test.Shard.RoundCount;
                    first[own]++;
                }));
            }
        });
        while (test.Get(() => first.Sum()) < 1000)
            Thread.Sleep(1);
        test.Run(() => descriptors.ForEach(each => test.Shard.Unwatch(each.Fd)));
        descriptors.ForEach(each => each.Dispose());
        Assert.All(first, count => Assert.InRange(count, first.Sum() / 10, first.Sum() * 3 / 10));
    }

    [Fact]
    public void An_event_in_hand_for_a_descriptor_that_was_unwatched_reaches_nobody()
    {
        using var test = new TestShard();
        using var a = new EventDescriptor();
        using var b = new EventDescriptor();
        int calls = 0;
        test.Run(() =>
        {
            // Both descriptors are ready in the same round. The first handler removes the other's watch and adds a new one in its place.
            var replacement = new Poll((_, _) => calls += 1000);
            a.Signal();
            b.Signal();
            test.Shard.Watch(a.Fd, PollEvents.In, new Poll((_, _) => Replace(b.Fd)));
            test.Shard.Watch(b.Fd, PollEvents.In, new Poll((_, _) => Replace(a.Fd)));

            void Replace(int other)
            {
                calls++;
                test.Shard.Unwatch(other);
                test.Shard.Watch(other, PollEvents.None, replacement);
                test.Shard.Unwatch(other == a.Fd ? b.Fd : a.Fd);
            }
        });
        test.Run(() => { });
        test.Run(() => { });
        Assert.Equal(1, calls);
        Assert.Equal(1, test.Get(() => test.Shard.WatchedCount));
    }

    [Fact]
    public void A_descriptor_is_watched_once_and_only_what_is_watched_can_be_changed()
    {
        using var test = new TestShard();
        using var a = new EventDescriptor();
        var handler = new Poll((_, _) => { });
        test.Run(() =>
        {
            test.Shard.Watch(a.Fd, PollEvents.In, handler);
            Assert.Throws<InvalidOperationException>(() => test.Shard.Watch(a.Fd, PollEvents.In, handler));
            test.Shard.Rewatch(a.Fd, PollEvents.None);
            test.Shard.Unwatch(a.Fd);
            Assert.Throws<InvalidOperationException>(() => test.Shard.Unwatch(a.Fd));
            Assert.Throws<InvalidOperationException>(() => test.Shard.Rewatch(a.Fd, PollEvents.In));
        });
    }

    [Fact]
    public void Readiness_is_reported_as_long_as_it_lasts()
    {
        using var test = new TestShard();
        using var a = new EventDescriptor();
        var done = new TaskCompletionSource();
        int calls = 0;
        a.Signal();
        test.Run(() => test.Shard.Watch(a.Fd, PollEvents.In, new Poll((fd, ready) =>
        {
            Assert.Equal(PollEvents.In, ready);
            if (++calls == 3)
            {
                test.Shard.Unwatch(fd);
                done.SetResult();
            }
        })));
        TestShard.Wait(done.Task);
        Assert.Equal(3, calls);
    }

    [Fact]
    public void A_round_end_handler_runs_after_completions_and_may_ask_for_the_next_round()
    {
        using var test = new TestShard();
        using TestFile file = TestFile.Temporary(8192);
        var seen = new List<string>();
        var done = new TaskCompletionSource();
        byte[] data = GC.AllocateArray<byte>(4096, pinned: true);
        RoundEnd handler = null!;
        handler = new RoundEnd(() =>
        {
            seen.Add("end");
            if (seen.Count(s => s == "end") == 3)
                done.SetResult();
            else
                test.Shard.AtRoundEnd(handler);
        });
        test.Run(() =>
        {
            test.Shard.AtRoundEnd(handler);
            test.Shard.Disk.Write(file.Fd, data, 0, durable: false, new Completion(_ => seen.Add("disk")), null);
        });
        TestShard.Wait(done.Task);
        test.Run(() => { });
        Assert.Equal(3, seen.Count(s => s == "end"));
        Assert.True(test.Unhandled.Count == 0);
    }

    [Fact]
    public void An_idle_shard_makes_no_rounds()
    {
        using var test = new TestShard();
        test.Run(() => { });

        // Waits until the loop has finished its round and sleeps.
        SpinWait.SpinUntil(() => test.Shard.SleepCount > 0, TestShard.Patience);
        Thread.Sleep(50);
        long rounds = test.Shard.RoundCount;
        Thread.Sleep(200);
        Assert.Equal(rounds, test.Shard.RoundCount);
    }

    [Fact]
    public void A_sleeping_shard_is_woken_by_work_every_time()
    {
        using var test = new TestShard(new ShardOptions { SpinMicroseconds = 0 });
        for (int i = 0; i < 5000; i++)
            test.Run(() => { });
        Assert.InRange(test.Shard.SleepCount, 1, 10_001);
    }

    private sealed class Counter
    {
        public static readonly Action<object?> Add = state => ((Counter)state!).Value++;

        public int Value { get; private set; }
    }

    // Must not be inlined, so that no local variable of the caller keeps the timer alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference ScheduleAndCancel(Shard shard, Action fired)
    {
        var handler = new TimerHandler(_ => fired());
        var timer = new ShardTimer(handler);
        shard.Schedule(timer, long.MaxValue - 1);
        shard.Cancel(timer);
        shard.Cancel(timer);
        return new WeakReference(handler);
    }

    private static ShardTimer Timer(Action<long> action) => new(new TimerHandler(action));

    private sealed class TimerHandler(Action<long> action) : ITimerHandler
    {
        public void OnTimer(long now) => action(now);
    }

    private sealed class RoundEnd(Action action) : IRoundEndHandler
    {
        public void OnRoundEnd() => action();
    }

    private sealed class Poll(Action<int, PollEvents> action) : IPollHandler
    {
        public void OnReady(int fd, PollEvents ready) => action(fd, ready);
    }

    private sealed class Completion(Action<long> action) : IDiskCompletion
    {
        public void OnDiskCompleted(long result, object? state) => action(result);
    }
}
