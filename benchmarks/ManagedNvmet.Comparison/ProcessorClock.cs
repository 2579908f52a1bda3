using System.Runtime.InteropServices;

namespace ManagedNvmet.Comparison;

/// <summary>The kernel's clock of the processor time of another process: nanoseconds, with threads that have ended. What /proc tells is either
/// in steps of 10 ms or without those threads.</summary>
public static class ProcessorClock
{
    // A clock of a process is its id, inverted, above three bits that choose: of the process, by the scheduler's account (clock_getcpuclockid(3)).
    private const int IdShift = 3;
    private const int SchedulerClock = 2;

    /// <summary>User and system time so far, in microseconds; not a number when the process is gone.</summary>
    public static double Microseconds(int processId) =>
        ReadClock((~processId << IdShift) | SchedulerClock, out Timespec time) == 0
            ? (time.Seconds * 1e6) + (time.Nanoseconds / 1e3)
            : double.NaN;

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int ReadClock(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
