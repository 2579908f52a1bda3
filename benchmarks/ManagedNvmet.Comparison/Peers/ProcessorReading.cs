namespace ManagedNvmet.Comparison.Peers;

/// <summary>CPU time of a server at one moment.</summary>
/// <param name="Microseconds">CPU time of all its threads in µs, from the kernel.</param>
/// <param name="BusyTicks">For a server that polls: time of polls that found work, in any unit; otherwise 0.</param>
/// <param name="IdleTicks">For a server that polls: time of polls that found no work, in the same unit; otherwise 0.</param>
public readonly record struct ProcessorReading(double Microseconds, double BusyTicks = 0, double IdleTicks = 0)
{
    /// <summary>Returns the CPU time between two readings that was spent on work, in µs.</summary>
    /// <remarks>The ticks of a server that polls also count while another process uses the processor. Therefore only the ratio of the ticks
    /// is used, and applied to the CPU time from the kernel.</remarks>
    public double BusyMicrosecondsSince(ProcessorReading earlier)
    {
        double busy = BusyTicks - earlier.BusyTicks;
        double all = busy + IdleTicks - earlier.IdleTicks;
        return (Microseconds - earlier.Microseconds) * (all > 0 ? busy / all : 1);
    }
}
