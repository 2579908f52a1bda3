namespace ManagedNvmet.Comparison.Peers;

/// <summary>What a server has used of its processor up to a moment.</summary>
/// <param name="Microseconds">Processor time of all its threads, from the kernel.</param>
/// <param name="BusyTicks">Of a server that polls: time of passes that did work, in a unit of its own; 0 of one that sleeps.</param>
/// <param name="IdleTicks">Of a server that polls: time of passes that found nothing; 0 of one that sleeps.</param>
public readonly record struct ProcessorReading(double Microseconds, double BusyTicks = 0, double IdleTicks = 0)
{
    /// <summary>Processor time between two readings that went into work, in microseconds.</summary>
    /// <remarks>The ticks of a server that polls go on while another process has the processor; hence only their proportion is used, and
    /// the kernel says how much time it is a proportion of.</remarks>
    public double BusyMicrosecondsSince(ProcessorReading earlier)
    {
        double busy = BusyTicks - earlier.BusyTicks;
        double all = busy + IdleTicks - earlier.IdleTicks;
        return (Microseconds - earlier.Microseconds) * (all > 0 ? busy / all : 1);
    }
}
