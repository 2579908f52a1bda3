using System.Diagnostics;
using ManagedNvmet.Io.Disks;
using ManagedNvmet.Io.Native;
using ManagedNvmet.Io.Sockets;

namespace ManagedNvmet.Io.Loop;

/// <summary>The rounds of a <see cref="Shard"/>, and what they work through. Belongs to the shard's thread, except for
/// <see cref="Posts"/> and the counters.</summary>
internal sealed class EventLoop : IDisposable
{
    private readonly Action<Exception> _report;
    private readonly PollTable _polls = new();
    private readonly TimerQueue _timers = new();
    private readonly EventDescriptor _wake = new();
    private List<Turn> _roundEnd = new(64);
    private List<Turn> _roundEndRunning = new(64);
    private SpinWindow _spin;
    private DiskQueue _disk = null!;
    private SocketBatch _sockets = null!;
    private long _passStart;
    private long _roundCount;
    private long _sleepCount;
    private long _busyTicks;
    private long _spinTicks;

    /// <param name="spinMicroseconds">Longest spin before a sleep; 0 for none.</param>
    /// <param name="report">Takes an exception that a handler has thrown. The loop goes on.</param>
    public EventLoop(int spinMicroseconds, Action<Exception> report)
    {
        _spin = new SpinWindow(spinMicroseconds * Stopwatch.Frequency / 1_000_000);
        _report = report;
        Posts = new PostQueue(_wake.Signal);
    }

    /// <summary>Work from any thread.</summary>
    public PostQueue Posts { get; }

    /// <summary>Watched descriptors.</summary>
    public PollTable Polls => _polls;

    /// <summary>Scheduled timers.</summary>
    public TimerQueue Timers => _timers;

    /// <summary>Sends at the end of the round.</summary>
    public SocketBatch Sockets => _sockets;

    /// <summary>Time at the start of the round, in milliseconds of a clock that only moves forward.</summary>
    public long Now { get; private set; } = Environment.TickCount64;

    /// <summary>Start of the round's work, in ticks of <see cref="Stopwatch"/>.</summary>
    public long RoundTicks => _passStart;

    /// <summary>When a sleep must end although nothing happens, on the clock of <see cref="Now"/>.</summary>
    public long StopDeadline { get; set; } = long.MaxValue;

    /// <summary>Rounds so far. From any thread.</summary>
    public long RoundCount => Volatile.Read(ref _roundCount);

    /// <summary>Sleeps so far. From any thread.</summary>
    public long SleepCount => Volatile.Read(ref _sleepCount);

    /// <summary>Ticks of work so far. From any thread.</summary>
    public long BusyTicks => Volatile.Read(ref _busyTicks);

    /// <summary>Ticks of spinning without work so far. From any thread.</summary>
    public long SpinTicks => Volatile.Read(ref _spinTicks);

    /// <summary>No disk operation is outstanding and no round-end handler waits.</summary>
    public bool IsQuiet => _disk.Outstanding == 0 && _roundEnd.Count == 0;

    private bool HasWork => Posts.HasWork || _disk.HasWork || _roundEnd.Count != 0;

    /// <summary>Begins to watch the wake-ups of other threads and of the disk. On the thread that will run the rounds.</summary>
    public void Begin(DiskQueue disk, SocketBatch sockets)
    {
        _disk = disk;
        _sockets = sockets;
        _polls.Watch(_wake.Fd, PollEvents.In | PollEvents.EdgeTriggered, WakeHandler.Instance);
        if (disk is UringDiskQueue uring)
            _polls.Watch(uring.WakeFd, PollEvents.In | PollEvents.EdgeTriggered, WakeHandler.Instance);
        _passStart = Stopwatch.GetTimestamp();
    }

    /// <summary>Runs one round.</summary>
    public void RunRound()
    {
        int ready = Wait();
        Now = Environment.TickCount64;
        Volatile.Write(ref _roundCount, _roundCount + 1);
        HandleReady(ready);
        RunPosted();
        RunTimers();
        RunDisk();
        RunRoundEnd();
        _sockets.Send();
        EndPass(ref _busyTicks);
    }

    /// <summary>Calls the handler at the end of this round.</summary>
    public void AtRoundEnd(IRoundEndHandler handler) => _roundEnd.Add(new Turn(handler));

    /// <summary>Runs the work that was posted before this call.</summary>
    public void RunPosted()
    {
        if (!Posts.HasWork)
            return;
        Span<PostedWork> posted = Posts.TakeAll();
        for (int i = 0; i < posted.Length; i++)
        {
            PostedWork work = posted[i];
            posted[i] = default;
            try
            {
                work.Action(work.State);
            }
            catch (Exception e)
            {
                _report(e);
            }
        }
    }

    public void Dispose()
    {
        _polls.Dispose();
        _wake.Dispose();
        _sockets?.Close();
    }

    // Returns the number of ready descriptors. Spins first, then sleeps, unless there is other work.
    private int Wait()
    {
        if (HasWork)
            return _polls.Wait(0);
        long end = _passStart + _spin.Ticks;
        for (bool isFirst = true; _passStart < end; isFirst = false)
        {
            int ready = _polls.Wait(0);
            if (ready > 0 || HasWork)
            {
                if (!isFirst)
                    _spin.Found();
                return ready;
            }
            EndPass(ref _spinTicks);
        }
        int timeout = TimeoutMilliseconds();
        return timeout != 0 && Posts.TryArm() ? Sleep(timeout) : _polls.Wait(0);
    }

    private int Sleep(int timeoutMilliseconds)
    {
        int ready = 0;
        if (_disk.TryBeginSleep())
        {
            Volatile.Write(ref _sleepCount, _sleepCount + 1);
            ready = _polls.Wait(timeoutMilliseconds);
            long asleep = _passStart;
            _passStart = Stopwatch.GetTimestamp();
            _spin.Slept(_passStart - asleep);
        }
        Posts.Disarm();
        _disk.EndSleep();
        return ready;
    }

    private int TimeoutMilliseconds()
    {
        long next = Math.Min(_timers.NextDue, StopDeadline);
        return next == long.MaxValue ? -1 : (int)Math.Clamp(next - Environment.TickCount64, 0, int.MaxValue);
    }

    private void HandleReady(int ready)
    {
        // The kernel reports descriptors in much the same order every time, and the last one of a round gets less: the first place rotates.
        int first = ready > 1 ? (int)((ulong)_roundCount % (uint)ready) : 0;
        for (int i = 0; i < ready; i++)
        {
            int index = first + i < ready ? first + i : first + i - ready;
            IPollHandler? handler = _polls.Take(index, out int fd, out PollEvents events);
            if (ready > 1 && _sockets.CanReceive && events == PollEvents.In && handler is IInputHandler { TakesReceived: true } input)
                _sockets.AddReceive(fd, input);
            else
                HandleReady(handler, fd, events);
        }
        _sockets.Receive();
    }

    private void HandleReady(IPollHandler? handler, int fd, PollEvents events)
    {
        try
        {
            handler?.OnReady(fd, events);
        }
        catch (Exception e)
        {
            _report(e);
        }
    }

    private void RunTimers()
    {
        long orderLimit = _timers.OrderLimit;
        while (_timers.TryTake(Now, orderLimit, out ITimerHandler handler))
        {
            try
            {
                handler.OnTimer(Now);
            }
            catch (Exception e)
            {
                _report(e);
            }
        }
    }

    private void RunDisk()
    {
        try
        {
            _disk.SubmitPending();
            _disk.Reap();
        }
        catch (Exception e)
        {
            // Completions behind the one that failed are still in the ring, which keeps the loop awake for them.
            _report(e);
        }
    }

    private void RunRoundEnd()
    {
        if (_roundEnd.Count == 0)
            return;
        (_roundEnd, _roundEndRunning) = (_roundEndRunning, _roundEnd);
        for (int i = 0; i < _roundEndRunning.Count; i++)
        {
            try
            {
                _roundEndRunning[i].Handler.OnRoundEnd();
            }
            catch (Exception e)
            {
                _report(e);
            }
        }
        _roundEndRunning.Clear();
    }

    // Adds the time since the last call to a counter of ticks, such as the one of busy time.
    private void EndPass(ref long ticks)
    {
        long now = Stopwatch.GetTimestamp();
        Volatile.Write(ref ticks, ticks + now - _passStart);
        _passStart = now;
    }

    // A structure, since an array of interfaces checks the type of every element that is stored.
    private readonly struct Turn(IRoundEndHandler handler)
    {
        public readonly IRoundEndHandler Handler = handler;
    }

    private sealed class WakeHandler : IPollHandler
    {
        public static readonly WakeHandler Instance = new();

        public void OnReady(int fd, PollEvents ready)
        {
            // Waking the loop is enough: every round looks at the posted work and at the disk.
        }
    }
}
