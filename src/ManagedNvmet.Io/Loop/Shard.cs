using System.Diagnostics;
using ManagedNvmet.Io.Disks;
using ManagedNvmet.Io.Memory;
using ManagedNvmet.Io.Sockets;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Io.Loop;

/// <summary>One thread with one loop: its sockets, its disk operations, its timers, its buffers.</summary>
/// <remarks>
/// A round: wait for events → handlers of ready descriptors → posted work → timers → submit disk operations → complete disk operations →
/// round-end handlers → sends. The loop sleeps only when none of this is pending, and uses no processor time while idle.
/// Unless a member says otherwise, it is used on the shard's own thread only.
///</remarks>
public sealed partial class Shard : IAsyncDisposable
{
    // Keeps memory alive that the kernel may still write to after a stop that gave up waiting.
    private static readonly List<object> Abandoned = [];

    [ThreadStatic]
    private static Shard? _current;

    private readonly ShardOptions _options;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly EventLoop _loop;
    private readonly DiskWorkers _workers;
    private DiskQueue? _disk;
    private int _startCount;

    /// <summary>Reserves the buffers; <see cref="Start"/> starts the thread.</summary>
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
        _loop = new EventLoop(options.SpinMicroseconds, Report);
        _workers = new DiskWorkers($"shard-{options.Index}", options.DiskWorkers, TryPost);
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
    public long Now => IsCurrentThread ? _loop.Now : Environment.TickCount64;

    /// <summary>Start of the current round's work, in ticks of <see cref="Stopwatch"/>. On the shard's thread.</summary>
    public long RoundTicks => _loop.RoundTicks;

    /// <summary>One pinned block that all the connections of the shard receive into, one after the other.</summary>
    public Memory<byte> ReceiveBuffer { get; }

    /// <summary>Buffers for the data of I/O commands.</summary>
    public BufferArena Buffers { get; }

    /// <summary>Buffers for the data of admin commands, which never wait for those of I/O.</summary>
    public BufferArena AdminBuffers { get; }

    /// <summary>Disk operations. Available after <see cref="Start"/>.</summary>
    public DiskQueue Disk => _disk ?? throw new InvalidOperationException("The shard has not been started.");

    /// <summary>The reason why worker threads and not io_uring make the disk operations; null with io_uring. Available after
    /// <see cref="Start"/>, from any thread.</summary>
    public string? WorkersReason { get; private set; }

    /// <summary>Descriptors that are watched, without the shard's own.</summary>
    public int WatchedCount { get; private set; }

    /// <summary>Timers that are scheduled.</summary>
    public int TimerCount => _loop.Timers.Count;

    /// <summary>Rounds so far. From any thread.</summary>
    public long RoundCount => _loop.RoundCount;

    /// <summary>Sleeps of the loop so far. From any thread.</summary>
    public long SleepCount => _loop.SleepCount;

    /// <summary>Time in which the loop worked, so far, in ticks of <see cref="Stopwatch"/>: without sleeps and without spinning. From any
    /// thread.</summary>
    public long BusyTicks => _loop.BusyTicks;

    /// <summary>Time in which the loop spun without finding work, so far, in ticks of <see cref="Stopwatch"/>. From any thread.</summary>
    public long SpinTicks => _loop.SpinTicks;

    /// <summary>Starts the thread and returns when its loop is ready.</summary>
    /// <exception cref="NotSupportedException">io_uring was required and is not available.</exception>
    public void Start()
    {
        if (Interlocked.Exchange(ref _startCount, 1) != 0)
            throw new InvalidOperationException("A shard starts once.");
        _thread.Start();
        _started.Task.GetAwaiter().GetResult();
    }

    /// <summary>Runs the posted work, waits for the disk operations, and joins the thread. From any thread; on the shard's own it only
    /// requests the stop. Watched descriptors stay open; their owners close them.</summary>
    public void Stop()
    {
        RequestStop();
        if (!IsCurrentThread)
            _stopped.Task.GetAwaiter().GetResult();
    }

    /// <summary>Like <see cref="Stop"/>, without blocking the calling thread.</summary>
    public async ValueTask DisposeAsync()
    {
        RequestStop();
        if (!IsCurrentThread)
            await _stopped.Task.ConfigureAwait(false);
    }

    /// <summary>Runs <paramref name="work"/> on the shard's thread, soon. From any thread; what one thread posts runs in order.</summary>
    /// <param name="work">Gets the state as its argument, so that it needs no closure.</param>
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
        return _loop.Posts.TryPost(work, state);
    }

    /// <summary>Reports the readiness of a descriptor to <paramref name="handler"/>, in every round as long as it lasts. When several
    /// descriptors are ready and the handler is an <see cref="IInputHandler"/>, the shard may receive for it instead.</summary>
    /// <exception cref="InvalidOperationException">It is watched already.</exception>
    public void Watch(int fd, PollEvents events, IPollHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _loop.Polls.Watch(fd, events, handler);
        WatchedCount++;
    }

    /// <summary>Changes the events that a watched descriptor is watched for; no system call when nothing changes.</summary>
    public void Rewatch(int fd, PollEvents events) => _loop.Polls.Rewatch(fd, events);

    /// <summary>Ends a <see cref="Watch"/>, before the descriptor is closed. No event reaches the handler any more, not even one of
    /// this round.</summary>
    public void Unwatch(int fd)
    {
        _loop.Polls.Unwatch(fd);
        WatchedCount--;
    }

    /// <summary>Sends the handler's output when all round-end handlers of this round have run. Called by one of them.</summary>
    /// <param name="fd">A connected socket.</param>
    /// <param name="handler">Asked for its output once, and told the result.</param>
    public void SendAtRoundEnd(int fd, ISendHandler handler) => _loop.Sockets.AddSend(fd, handler);

    /// <summary>Calls the handler once, when the events and completions of this round have been handled.</summary>
    public void AtRoundEnd(IRoundEndHandler handler) => _loop.AtRoundEnd(handler);

    /// <summary>Fires a timer once, when <see cref="Now"/> has reached a time. A timer that is scheduled already moves to this
    /// time.</summary>
    /// <param name="timer">Not scheduled on another shard.</param>
    /// <param name="milliseconds">A time on the clock of <see cref="Now"/>; one that has passed means the next round.</param>
    public void Schedule(ShardTimer timer, long milliseconds) => _loop.Timers.Add(timer, milliseconds);

    /// <summary>Cancels a timer: it does not fire, and the shard keeps no reference to it. Does nothing when it is not scheduled.</summary>
    public void Cancel(ShardTimer timer) => _loop.Timers.Remove(timer);

    private void RequestStop()
    {
        if (Interlocked.Exchange(ref _startCount, 1) == 0)
        {
            // Never started: there is no loop to end.
            _loop.Posts.TryClose();
            _loop.Dispose();
            _stopped.TrySetResult();
            return;
        }
        TryPost(static state =>
        {
            var shard = (Shard)state!;
            if (shard._loop.StopDeadline == long.MaxValue)
                shard._loop.StopDeadline = shard._loop.Now + shard._options.StopTimeoutMilliseconds;
        }, this);
    }

    private void Run()
    {
        _current = this;
        try
        {
            _disk = CreateDisk();
            SocketRing? ring = _disk is UringDiskQueue ? SocketRing.TryCreate() : null;
            _loop.Begin(_disk, new SocketBatch(ring, _options.ReceiveBufferBytes, Report));
        }
        catch (Exception e)
        {
            _loop.Posts.TryClose();
            _loop.Dispose();
            _stopped.TrySetResult();
            _started.TrySetException(e);
            return;
        }
        _started.TrySetResult();
        try
        {
            while (!IsFinished())
                _loop.RunRound();
        }
        catch (Exception e)
        {
            // Only the loop itself can throw here, and it cannot go on.
            Report(e);
        }
        Finish();
    }

    private bool IsFinished()
    {
        if (_loop.StopDeadline == long.MaxValue)
            return false;
        bool isQuiet = _loop.IsQuiet && _loop.Posts.TryClose();
        return isQuiet || _loop.Now >= _loop.StopDeadline;
    }

    private void Finish()
    {
        while (!_loop.Posts.TryClose())
            _loop.RunPosted();
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
        _loop.Dispose();
        _current = null;
        _stopped.TrySetResult();
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
            // The receiver of the report has failed as well; the loop must live.
        }
    }
}
