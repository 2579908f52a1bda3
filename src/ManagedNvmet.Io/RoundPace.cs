namespace ManagedNvmet.Io;

/// <summary>When the next round of a loop that spins may begin, so that rounds under much load bring many commands each.</summary>
/// <remarks>
/// A loop that looks again at once finds a command or two, and pays for a receive and a send each time. With many commands in flight a
/// round a little later finds many, for the same price. With few in flight it would only find them later: then nothing is held up. How
/// many come in the time that a round would wait tells one from the other. A pure function of ticks; belongs to one thread.
/// </remarks>
internal sealed class RoundPace
{
    /// <summary>Commands that have to come within the shortest distance of two rounds for it to be kept.</summary>
    public const int ManyCommands = 8;

    private const double Weight = 1.0 / 8;

    private readonly long _distanceTicks;
    private long _lastStart;
    private double _commands;

    /// <param name="distanceTicks">From the start of a round to that of the next under much load, in ticks.</param>
    public RoundPace(long distanceTicks) => _distanceTicks = distanceTicks;

    /// <summary>Takes in a round that found work.</summary>
    /// <param name="start">When it began, in ticks.</param>
    /// <param name="commands">Commands that it brought.</param>
    /// <returns>When the next round may begin, in ticks; a time that has passed when nothing is to be waited for.</returns>
    public long Next(long start, int commands)
    {
        long elapsed = Math.Max(1, start - _lastStart);
        _lastStart = start;
        _commands += ((double)commands * _distanceTicks / elapsed - _commands) * Weight;
        return _commands >= ManyCommands ? start + _distanceTicks : start;
    }
}
