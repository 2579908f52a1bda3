namespace ManagedNvmet.Io.Loop;

/// <summary>Decides how long a loop spins (polls without sleeping) before it sleeps: the configured limit while spinning pays, otherwise
/// not at all.</summary>
/// <remarks>Spinning pays when work arrives within the limit. A credit counts how often: it rises when a spin found work or a sleep ended
/// within the limit, and falls when a sleep was longer. At zero the loop sleeps at once, so rare work costs hardly more than without
/// spinning. A short sleep can take longer than the limit to wake up from, so while the window is closed one sleep in 32 is still preceded
/// by a spin. A pure function of ticks; belongs to one thread.</remarks>
internal struct SpinWindow
{
    // A spin that finds work is worth eight that do not: a host that pauses between bursts keeps the window open.
    private const int CreditOfFind = 8;

    // A loop that becomes idle spins at most 64 more times: about 1 ms at the usual limit.
    private const int MaxCredit = 64;

    // While closed, one sleep in 32 is preceded by a spin: about 3 % of the cost of spinning each time.
    private const int SleepsPerTry = 32;

    private readonly long _limitTicks;
    private int _credit = MaxCredit;
    private int _sleepsToTry = SleepsPerTry;

    /// <param name="limitTicks">The longest spin, in ticks; 0 for a loop that never spins.</param>
    public SpinWindow(long limitTicks) => _limitTicks = limitTicks;

    /// <summary>How long to spin before the next sleep, in ticks.</summary>
    public readonly long Ticks => _credit > 0 || _sleepsToTry == 1 ? _limitTicks : 0;

    /// <summary>A spin found work.</summary>
    public void Found() => _credit = Math.Min(MaxCredit, _credit + CreditOfFind);

    /// <summary>A sleep has ended.</summary>
    /// <param name="sleptTicks">Its length, in ticks.</param>
    public void Slept(long sleptTicks)
    {
        if (sleptTicks <= _limitTicks)
            Found();
        else
            _credit = Math.Max(0, _credit - 1);
        _sleepsToTry = _sleepsToTry == 1 ? SleepsPerTry : _sleepsToTry - 1;
    }
}
