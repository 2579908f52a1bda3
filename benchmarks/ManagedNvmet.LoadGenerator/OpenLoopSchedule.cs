using System.Diagnostics;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Schedule of the commands of an open loop. The times are evenly spaced and do not depend on completions. The latency of a
/// command counts from its scheduled time.</summary>
/// <remarks>Times are ticks of <see cref="Stopwatch"/>.</remarks>
public sealed class OpenLoopSchedule
{
    private readonly double _ticksPerCommand;
    private readonly long _start;
    private long _started;

    /// <param name="perSecond">Commands per second, more than 0.</param>
    /// <param name="start">Time of the first command.</param>
    public OpenLoopSchedule(double perSecond, long start)
    {
        _ticksPerCommand = Stopwatch.Frequency / perSecond;
        _start = start;
    }

    /// <summary>Scheduled time of the next command. It is computed from the start, so that rounding errors do not accumulate.</summary>
    public long NextDue => _start + (long)(_started * _ticksPerCommand);

    /// <summary>Starts the next command if its scheduled time has come and lies before the end.</summary>
    /// <param name="now">The current time.</param>
    /// <param name="end">End of the schedule: later commands do not start.</param>
    /// <param name="due">Scheduled time of the command.</param>
    /// <returns>True when a command starts.</returns>
    public bool TryTake(long now, long end, out long due)
    {
        due = NextDue;
        if (due > now || due >= end)
            return false;
        _started++;
        return true;
    }
}
