namespace ManagedNvmet.Io.Loop;

/// <summary>How long a loop looks for work before it sleeps: up to the limit while that finds some often enough, otherwise not at all.</summary>
/// <remarks>
/// A look that found work later than at once was worth it, and so would one have been before a sleep that ended within the limit. A sleep that
/// outlasts the limit was right, and the look before it was for nothing. One of those says little, since a busy host pauses as well; where there
/// is hardly anything else the window closes, so that rare work costs hardly more than it does without spinning. One look in many is made all the
/// same then, since sleeps alone do not tell when looking pays again: a short one can take longer than the limit to wake up from.
/// A pure function of ticks; belongs to one thread.
/// </remarks>
internal sealed class SpinWindow
{
    // In sleeps that outlast the limit: what a look that finds work is worth, so that it pays where one in nine does, and the most that is
    // spent on them without one.
    private const int CreditOfFind = 8;
    private const int MostCredit = 64;

    // While the window is closed, one sleep in so many has a look before it.
    private const int SleepsOfTry = 32;

    private readonly long _limitTicks;
    private int _credit = MostCredit;
    private int _sleepsToTry = SleepsOfTry;

    /// <param name="limitTicks">The longest look, in ticks; 0 for a loop that never spins.</param>
    public SpinWindow(long limitTicks) => _limitTicks = limitTicks;

    /// <summary>How long to look for work now, in ticks.</summary>
    public long Ticks => _credit > 0 || _sleepsToTry == 1 ? _limitTicks : 0;

    /// <summary>A look found work, and not at once.</summary>
    public void Found() => _credit = Math.Min(MostCredit, _credit + CreditOfFind);

    /// <summary>Takes in how long a sleep lasted.</summary>
    /// <param name="sleptTicks">From falling asleep to being awake, in ticks.</param>
    public void Slept(long sleptTicks)
    {
        if (sleptTicks <= _limitTicks)
            Found();
        else
            _credit = Math.Max(0, _credit - 1);
        _sleepsToTry = _sleepsToTry == 1 ? SleepsOfTry : _sleepsToTry - 1;
    }
}
