using System.Diagnostics;
using System.Runtime.InteropServices;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Io.Sockets;

namespace ManagedNvmet.LoadGenerator;

/// <summary>A kernel timer (timerfd) on a shard, with microsecond precision. The shard's own timers have a precision of 1 ms, which is too
/// coarse to start 10 000 commands per second evenly.</summary>
/// <remarks>Used on the shard's thread only.</remarks>
internal sealed class PrecisionTimer : IPollHandler
{
    // CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC, and TFD_TIMER_ABSTIME.
    private const int ClockMonotonic = 1;
    private const int NonBlockingCloseOnExec = 0x800 | 0x80000;
    private const int AbsoluteTime = 1;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly Shard _shard;
    private readonly Action _expired;
    private readonly int _fd;

    /// <summary>Creates the timer.</summary>
    /// <param name="shard">The shard, whose thread must be the current one.</param>
    /// <param name="expired">Called on the shard's thread when the timer expires.</param>
    public PrecisionTimer(Shard shard, Action expired)
    {
        _shard = shard;
        _expired = expired;
        _fd = timerfd_create(ClockMonotonic, NonBlockingCloseOnExec);
        if (_fd < 0)
            throw new InvalidOperationException($"timerfd_create failed (errno {Marshal.GetLastPInvokeError()}).");
        shard.Watch(_fd, PollEvents.In, this);
    }

    /// <summary>Sets the time of the next expiration, in ticks of <see cref="Stopwatch"/>, which on Linux reads CLOCK_MONOTONIC.</summary>
    public void Arm(long ticks)
    {
        long nanoseconds = Math.Max(1, (long)((Int128)ticks * NanosecondsPerSecond / Stopwatch.Frequency));
        var time = new TimerTime { Seconds = nanoseconds / NanosecondsPerSecond, Nanoseconds = nanoseconds % NanosecondsPerSecond };
        _ = timerfd_settime(_fd, AbsoluteTime, in time, 0);
    }

    /// <summary>Closes the timer.</summary>
    public void Close()
    {
        _shard.Unwatch(_fd);
        SocketCalls.Close(_fd);
    }

    void IPollHandler.OnReady(int readyFd, PollEvents events)
    {
        // The read returns the number of expirations. Only the fact that there was one matters.
        if (read(_fd, out _, sizeof(long)) > 0)
            _expired();
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int timerfd_create(int clock, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int timerfd_settime(int fd, int flags, in TimerTime time, nint before);

    [DllImport("libc", SetLastError = true)]
    private static extern nint read(int fd, out long expirations, nint length);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimerTime
    {
        public long IntervalSeconds;
        public long IntervalNanoseconds;
        public long Seconds;
        public long Nanoseconds;
    }
}
