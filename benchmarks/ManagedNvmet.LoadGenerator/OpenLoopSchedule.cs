using System.Diagnostics;

namespace ManagedNvmet.LoadGenerator;

/// <summary>When the commands of an open loop are due: evenly spaced, whatever becomes of those before. Latency counts from there.</summary>
/// <remarks>Times are ticks of <see cref="Stopwatch"/>.</remarks>
public sealed class OpenLoopSchedule
{
    private readonly double _ticksPerCommand;
    private readonly long _start;
    private long _taken;

    /// <param name="perSecond">Commands a second, more than 0.</param>
    /// <param name="start">When the first is due.</param>
    public OpenLoopSchedule(double perSecond, long start)
    {
        _ticksPerCommand = Stopwatch.Frequency / perSecond;
        _start = start;
    }

    /// <summary>When the next is due. Computed from the start each time: the error of one interval never adds up.</summary>
    public long NextDue => _start + (long)(_taken * _ticksPerCommand);

    /// <summary>Takes the next command when it is due by now and due before the end.</summary>
    /// <param name="now">The time.</param>
    /// <param name="end">Commands due from here on are not taken any more.</param>
    /// <param name="due">When it should have started.</param>
    public bool TryTake(long now, long end, out long due)
    {
        due = NextDue;
        if (due > now || due >= end)
            return false;
        _taken++;
        return true;
    }
}
