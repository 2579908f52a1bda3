using System.Diagnostics;
using ManagedNvmet.Io.Disks;
using ManagedNvmet.Io.Memory;
using ManagedNvmet.Io.Native;
using ManagedNvmet.Io.Sockets;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Io.Loop;

/// <summary>One thread with one loop: its sockets, its disk operations, its timers, its buffers.</summary>
/// <remarks>
/// A round goes: wait for events, or ask the only one that had any lately, perhaps when more of its input has come → handlers of ready descriptors → posted work → timers → submit disk
/// operations → complete disk operations → round-end handlers → sends. The loop sleeps only when nothing of this is pending, and uses no processor time while idle.
/// Unless a member says otherwise, it is used on the shard's own thread only.
/// </remarks>
public sealed partial class Shard : IAsyncDisposable
{
    // How long the others may have to wait for a look at them while one has all the input.
    private const int SoleInputMicroseconds = 50;

    // Memory that the kernel may still write to after a stop that gave up waiting: losing it is better than corrupting its next user.
    private static readonly List<object> Abandoned = [];

    [ThreadStatic]
    private static Shard? _current;

    private readonly ShardOptions _options;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PollTable _polls = new();
    private readonly PostQueue _posts = new();
    private readonly TimerQueue _timers = new();
    private readonly DiskWorkers _workers;
    private readonly SpinWindow _spin;
    private readonly SoleInput _sole;
    private readonly LeastInput _least = new();
    private List<Turn> _roundEnd = new(64);
    private List<Turn> _roundEndRunning = new(64);
    private DiskQueue? _disk;
    private long _now = Environment.TickCount64;
    private long _stopDeadline = long.MaxValue;
    private int _startCount;
    private long _roundCount;
    private long _sleepCount;
    private long _passStart;
    private long _busyTicks;
    private long _spinTicks;

    /// <summary>Claims the buffers; the thread begins with <see cref="Start"/>.</summary>
    public Shard(ShardOptions options, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logger);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ReceiveBufferBytes, 4096);
        ArgumentOutOfRangeException.ThrowIfNotEqual(options.DiskDepth, Math.Clamp(options.DiskDepth, 1, 16384));
        ArgumentOutOfRangeException.ThrowIfNotEqual(options.DiskWorkers, Math.Clamp(options.DiskWorkers, 1, 64));
        ArgumentOutOfRangeException.ThrowIfNotEqual(
            options.SpinMicroseconds, Math.Clamp(options.SpinMicroseconds, 0, ShardOptions.MaxSpinMicroseconds));
        _options = options;
        _logger = logger;
        _spin = new SpinWindow(options.SpinMicroseconds * Stopwatch.Frequency / 1_000_000);
        bool savesCalls = options.SavesSystemCalls ?? SystemCallCost.IsHigh;
        _sole = new SoleInput(
            SoleInputMicroseconds * TicksPerMicrosecond,
            savesCalls,
            new InputPace(TicksPerMicrosecond, options.ReceiveBufferBytes, savesCalls));
        _workers = new DiskWorkers(this, options.DiskWorkers);
        Buffers = new BufferArena(options.BufferBytes, options.MaxBufferBytes);
        AdminBuffers = new BufferArena(options.AdminBufferBytes, Math.Min(options.MaxBufferBytes, options.AdminBufferBytes));
        ReceiveBuffer = GC.AllocateUninitializedArray<byte>(options.ReceiveBufferBytes, pinned: true);
        _thread = new Thread(Run) { IsBackground = true, Name = $"shard-{options.Index}" };
    }

    /// <summary>The shard whose thread this is, or null on any other thread.</summary>
    public static Shard? Current => _current;

    /// <summary>Number of the shard, from 0.</summary>
    public int Index => _options.Index;

    /// <summary>True on the shard's own thread. From any thread.</summary>
    public bool IsCurrentThread => _current == this;

    /// <summary>Milliseconds of a clock that only moves forward, read once a round on the shard's thread. From any thread.</summary>
    public long Now => IsCurrentThread ? _now : Environment.TickCount64;

    /// <summary>When the round in hand found its work, in ticks of <see cref="Stopwatch"/>. On the shard's thread.</summary>
    public long RoundTicks => _passStart;

    /// <summary>One pinned block that all the connections of the shard receive into, one after the other.</summary>
    public Memory<byte> ReceiveBuffer { get; }

    /// <summary>Buffers for the data of I/O commands.</summary>
    public BufferArena Buffers { get; }

    /// <summary>Buffers for the data of admin commands, which never wait for those of I/O.</summary>
    public BufferArena AdminBuffers { get; }

    /// <summary>Disk operations. There from <see cref="Start"/> on.</summary>
    public DiskQueue Disk => _disk ?? throw new InvalidOperationException("The shard has not been started.");

    /// <summary>Why worker threads carry the disk operations and not io_uring, or null when io_uring does. There from
    /// <see cref="Start"/> on, from any thread.</summary>
    public string? WorkersReason { get; private set; }

    /// <summary>Descriptors that are watched, the shard's own not counted.</summary>
    public int WatchedCount { get; private set; }

    /// <summary>Rounds so far. From any thread.</summary>
    public long RoundCount => Volatile.Read(ref _roundCount);

    /// <summary>Times the loop went to sleep so far. From any thread.</summary>
    public long SleepCount => Volatile.Read(ref _sleepCount);

    /// <summary>Time in which the loop had work, so far, in ticks of <see cref="Stopwatch"/>: neither asleep nor looking in vain. From any
    /// thread.</summary>
    public long BusyTicks => Volatile.Read(ref _busyTicks);

    /// <summary>Time in which the loop looked for work in vain before it slept or found some, so far, in ticks of <see cref="Stopwatch"/>.
    /// From any thread.</summary>
    public long SpinTicks => Volatile.Read(ref _spinTicks);

    /// <summary>Starts the thread and returns when its loop is ready.</summary>
    /// <exception cref="NotSupportedException">io_uring was asked for and is not to be had.</exception>
    public void Start()
    {
        if (Interlocked.Exchange(ref _startCount, 1) != 0)
            throw new InvalidOperationException("A shard starts once.");
        _thread.Start();
        _started.Task.GetAwaiter().GetResult();
    }

    /// <summary>Runs what was posted, lets the disk operations end, and joins the thread. From any thread; on the shard's own it only
    /// asks for the stop. Watched descriptors stay open: they belong to who opened them.</summary>
    public void Stop()
    {
        RequestStop();
        if (!IsCurrentThread)
            _stopped.Task.GetAwaiter().GetResult();
    }

    /// <summary>Like <see cref="Stop"/>, without holding the calling thread.</summary>
    public async ValueTask DisposeAsync()
    {
        RequestStop();
        if (!IsCurrentThread)
            await _stopped.Task.ConfigureAwait(false);
    }

    /// <summary>Runs <paramref name="work"/> on the shard's thread, soon. From any thread; what one thread posts runs in order.</summary>
    /// <param name="work">Not a closure, where it matters: the state is handed to it.</param>
    /// <param name="state">Handed to the work.</param>
    /// <exception cref="ObjectDisposedException">The shard has stopped.</exception>
    public void Post(Action<object?> work, object? state)
    {
        if (!TryPost(work, state))
            throw new ObjectDisposedException(nameof(Shard), $"Shard {Index} has stopped.");
    }

    /// <summary>Like <see cref="Post"/>; false when the shard has stopped and the work will never run.</summary>
    public bool TryPost(Action<object?> work, object? state)
    {
        ArgumentNullException.ThrowIfNull(work);
        return _posts.TryPost(work, state);
    }

    /// <summary>Reports the readiness of a descriptor to <paramref name="handler"/>, every round as long as it lasts. An
    /// <see cref="IInputHandler"/> may be asked for input without a report, while it alone has any.</summary>
    /// <exception cref="InvalidOperationException">It is watched already.</exception>
    public void Watch(int fd, PollEvents events, IPollHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _polls.Watch(fd, events, handler);
        WatchedCount++;
    }

    /// <summary>Changes what a watched descriptor is watched for; no system call when nothing changes.</summary>
    public void Rewatch(int fd, PollEvents events)
    {
        _polls.Rewatch(fd, events);
        if ((events & PollEvents.In) == 0)
            NoInputOf(fd);
    }

    /// <summary>Ends a <see cref="Watch"/>, before the descriptor is closed. No event reaches the handler any more, not even one of
    /// this round.</summary>
    public void Unwatch(int fd)
    {
        _polls.Unwatch(fd);
        NoInputOf(fd);
        WatchedCount--;
    }

    /// <summary>Calls the handler once, when the events and completions of this round have been handled.</summary>
    public void AtRoundEnd(IRoundEndHandler handler) => _roundEnd.Add(new Turn(handler));

    /// <summary>Calls the handler once, when <see cref="Now"/> has reached a time. There is no taking back: a handler that is not
    /// interested any more does nothing.</summary>
    /// <param name="milliseconds">A time on the clock of <see cref="Now"/>; one that has passed means the next round.</param>
    /// <param name="handler">Told when it is time.</param>
    public void ScheduleAt(long milliseconds, ITimerHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _timers.Add(milliseconds, handler);
    }

    private void NoInputOf(int fd)
    {
        _least.Release(fd);
        _sole.Unwatched(fd);
    }

    private void RequestStop()
    {
        if (Interlocked.Exchange(ref _startCount, 1) == 0)
        {
            // Never started: there is no loop to end.
            _posts.TryClose();
            ReleaseDescriptors();
            _stopped.TrySetResult();
            return;
        }
        TryPost(static state =>
        {
            var shard = (Shard)state!;
            if (shard._stopDeadline == long.MaxValue)
                shard._stopDeadline = shard._now + shard._options.StopTimeoutMilliseconds;
        }, this);
    }

    private void Run()
    {
        _current = this;
        LibC.SetPunctualSleep();
        try
        {
            _disk = CreateDisk();
            _polls.Watch(_posts.WakeFd, PollEvents.In | PollEvents.EdgeTriggered, WakeHandler.Instance);
            if (_disk is UringDiskQueue uring)
                _polls.Watch(uring.WakeFd, PollEvents.In | PollEvents.EdgeTriggered, uring);
        }
        catch (Exception e)
        {
            _posts.TryClose();
            ReleaseDescriptors();
            _stopped.TrySetResult();
            _started.TrySetException(e);
            return;
        }
        _started.TrySetResult();
        _passStart = Stopwatch.GetTimestamp();
        try
        {
            while (!IsFinished())
                RunRound();
        }
        catch (Exception e)
        {
            // Only the loop itself can bring it here, and it cannot go on.
            Report(e);
        }
        Finish();
    }

    private void RunRound()
    {
        int ready = Wait();
        long takenAt = _passStart;
        _now = Environment.TickCount64;
        Volatile.Write(ref _roundCount, _roundCount + 1);
        HandleReady(ready);
        if (_posts.HasWork)
            RunPosted();
        if (_timers.NextDue <= _now)
            RunTimers();
        try
        {
            _disk!.SubmitPending();
            _disk.Reap();
        }
        catch (Exception e)
        {
            // Completions behind the one that failed are still in the ring, which keeps the loop awake for them.
            Report(e);
        }
        if (_roundEnd.Count != 0)
            RunRoundEnd();
        if (_outputs.Count != 0)
            RunSends();
        _sole.EndRound(takenAt);
        Pass(ref _busyTicks);
    }

    private void RunPosted()
    {
        Span<PostQueue.Work> posted = _posts.TakeAll();
        for (int i = 0; i < posted.Length; i++)
        {
            PostQueue.Work work = posted[i];
            posted[i] = default;
            try
            {
                work.Action(work.State);
            }
            catch (Exception e)
            {
                Report(e);
            }
        }
    }

    private void RunTimers()
    {
        long orderLimit = _timers.OrderLimit;
        while (_timers.TryTake(_now, orderLimit, out ITimerHandler handler))
        {
            try
            {
                handler.OnTimer(_now);
            }
            catch (Exception e)
            {
                Report(e);
            }
        }
    }

    private void RunRoundEnd()
    {
        (_roundEnd, _roundEndRunning) = (_roundEndRunning, _roundEnd);
        for (int i = 0; i < _roundEndRunning.Count; i++)
        {
            try
            {
                _roundEndRunning[i].Handler.OnRoundEnd();
            }
            catch (Exception e)
            {
                Report(e);
            }
        }
        _roundEndRunning.Clear();
    }

    private bool IsFinished()
    {
        if (_stopDeadline == long.MaxValue)
            return false;
        bool isQuiet = _disk!.Outstanding == 0 && _roundEnd.Count == 0 && _posts.TryClose();
        return isQuiet || _now >= _stopDeadline;
    }

    private void Finish()
    {
        while (!_posts.TryClose())
            RunPosted();
        if (_disk!.Outstanding != 0)
        {
            LogAbandoned(_logger, Index, _disk.Outstanding);
            lock (Abandoned)
                Abandoned.Add(_disk);
        }
        else
        {
            _workers.Close(_options.StopTimeoutMilliseconds);
            _disk.Close();
        }
        ReleaseDescriptors();
        _current = null;
        _stopped.TrySetResult();
    }

    private void ReleaseDescriptors()
    {
        _polls.Dispose();
        _posts.Dispose();
        _sockets?.Dispose();
    }

    private DiskQueue CreateDisk()
    {
        string reason = "that was chosen";
        if (_options.Disk != DiskEngine.Workers)
        {
            UringDiskQueue? uring = UringDiskQueue.TryCreate(
                _options.DiskDepth, _workers, _options.RegistersBuffers ? Buffers : null, out reason);
            if (uring is not null)
            {
                LogUring(_logger, Index);
                _sockets = SocketRing.TryCreate();
                return uring;
            }
            if (_options.Disk == DiskEngine.Uring)
                throw new NotSupportedException($"io_uring was asked for, but {reason}.");
        }
        WorkersReason = reason;
        LogWorkers(_logger, Index, reason);
        return new WorkerDiskQueue(_workers);
    }

    private void Report(Exception exception)
    {
        try
        {
            if (_options.OnUnhandled is { } onUnhandled)
                onUnhandled(exception);
            else
                LogUnhandled(_logger, exception, Index);
        }
        catch
        {
            // Whoever was to be told has failed as well; the loop must live.
        }
    }

    // A structure, since an array of interfaces checks the type of whatever is put into it.
    private readonly struct Turn(IRoundEndHandler handler)
    {
        public readonly IRoundEndHandler Handler = handler;
    }

    private sealed class WakeHandler : IPollHandler
    {
        public static readonly WakeHandler Instance = new();

        public void OnReady(int fd, PollEvents ready)
        {
            // Waking the loop is all: every round looks at the posted work.
        }
    }
}
