namespace ManagedNvmet.Io;

/// <summary>How long a loop looks for work before it sleeps: as long as that has been worth it lately, and no longer.</summary>
/// <remarks>
/// A sleep that ended within the limit would have been spared by a longer look: the window grows. A sleep that outlasted the limit was
/// right, and the look before it was for nothing: the window closes, so that rare work costs no more than it does without spinning.
/// A pure function of ticks; belongs to one thread.
/// </remarks>
internal sealed class SpinWindow
{
    private const int SmallestPart = 8;

    private readonly long _limitTicks;

    /// <param name="limitTicks">The longest window, in ticks; 0 for a loop that never spins.</param>
    public SpinWindow(long limitTicks)
    {
        _limitTicks = limitTicks;
        Ticks = limitTicks;
    }

    /// <summary>How long to look for work now, in ticks.</summary>
    public long Ticks { get; private set; }

    /// <summary>Takes in how long a sleep lasted.</summary>
    /// <param name="sleptTicks">From falling asleep to being awake, in ticks.</param>
    public void Slept(long sleptTicks) =>
        Ticks = sleptTicks > _limitTicks ? 0 : Math.Min(_limitTicks, Math.Max(_limitTicks / SmallestPart, Ticks * 2));
}
