using System.Runtime.InteropServices;

namespace ManagedNvmet.Comparison;

/// <summary>Reads the kernel's CPU-time clock of another process. It has nanosecond resolution and includes threads that have ended. The
/// values in /proc either have a resolution of 10 ms or leave those threads out.</summary>
public static class ProcessorClock
{
    // Clock ID of a process: its inverted process ID above three bits, of which 2 (CPUCLOCK_SCHED) selects the scheduler's process clock.
    private const int IdShift = 3;
    private const int SchedulerClock = 2;

    /// <summary>Returns user plus system time so far in µs; NaN when the process has ended.</summary>
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
