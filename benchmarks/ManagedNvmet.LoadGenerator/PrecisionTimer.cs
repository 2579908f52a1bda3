using System.Diagnostics;
using System.Runtime.InteropServices;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Io.Sockets;

namespace ManagedNvmet.LoadGenerator;

/// <summary>A timer of the kernel on a shard, to the microsecond; the shard's own timers keep to the millisecond, too coarse to start 10 000
/// commands a second evenly.</summary>
/// <remarks>Belongs to the shard's thread.</remarks>
internal sealed class PrecisionTimer : IPollHandler
{
    private const int ClockMonotonic = 1;
    private const int NonBlockingCloseOnExec = 0x800 | 0x80000;
    private const int AbsoluteTime = 1;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly Shard _shard;
    private readonly Action _expired;
    private readonly int _fd;

    /// <summary>Makes the timer; on the shard's thread.</summary>
    public PrecisionTimer(Shard shard, Action expired)
    {
        _shard = shard;
        _expired = expired;
        _fd = timerfd_create(ClockMonotonic, NonBlockingCloseOnExec);
        if (_fd < 0)
            throw new InvalidOperationException($"The kernel gave no timer (errno {Marshal.GetLastPInvokeError()}).");
        shard.Watch(_fd, PollEvents.In, this);
    }

    /// <summary>Expires once at a time of <see cref="Stopwatch"/>, which on Linux is the monotonic clock in nanoseconds.</summary>
    public void Arm(long ticks)
    {
        long nanoseconds = Math.Max(1, (long)((Int128)ticks * NanosecondsPerSecond / Stopwatch.Frequency));
        var time = new TimerTime { Seconds = nanoseconds / NanosecondsPerSecond, Nanoseconds = nanoseconds % NanosecondsPerSecond };
        _ = timerfd_settime(_fd, AbsoluteTime, in time, 0);
    }

    /// <summary>Ends the timer.</summary>
    public void Close()
    {
        _shard.Unwatch(_fd);
        SocketCalls.Close(_fd);
    }

    void IPollHandler.OnReady(int readyFd, PollEvents events)
    {
        // What is read is how often it expired; only that it did matters.
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
