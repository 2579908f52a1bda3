namespace ManagedNvmet.Io.Loop;

/// <summary>Measures how much the host of the only one that has input hands over until it has no more, and how long that takes: nothing is taken
/// meanwhile.</summary>
/// <remarks>A measurement costs some tens of microseconds, and is made now and then only. A pure function of what is told; belongs to one
/// thread.</remarks>
internal sealed class InputGauge
{
    // A trickle is seen to grow so often, and at half of the looks at least: otherwise the host waits as well.
    private const int FewestGrowths = 3;

    private const int LookMicroseconds = 10;
    private const int QuietMicroseconds = 30;
    private const int MostMicroseconds = 500;
    private const int ShortestRestMicroseconds = 30_000;
    private const int RestMicroseconds = 500_000;

    private readonly long _ticksPerMicrosecond;

    // When it is measured again, and how long after that if it is of no use.
    private long _next;
    private long _rest;

    // When there was seen to be more, and at how many looks.
    private long _begunAt;
    private long _grewAt;
    private int _looks;
    private int _looksWhileGrowing;
    private int _growths;

    public InputGauge(long ticksPerMicrosecond)
    {
        _ticksPerMicrosecond = ticksPerMicrosecond;
        Forget();
    }

    /// <summary>Nothing is to be taken until <see cref="Look"/> says so, which is to be told what has come at every <see cref="LookTicks"/>.</summary>
    public bool IsMeasuring { get; private set; }

    /// <summary>How far apart the looks are.</summary>
    public long LookTicks => LookMicroseconds * _ticksPerMicrosecond;

    /// <summary>For how long no more came at the end of a measurement that is <see cref="IsWhole"/>.</summary>
    public long QuietTicks => QuietMicroseconds * _ticksPerMicrosecond;

    /// <summary>What had come at the last look, in bytes.</summary>
    public int Bytes { get; private set; }

    /// <summary>How long it took until all of that had come, in ticks.</summary>
    public long GrowthTicks => _grewAt - _begunAt;

    /// <summary>All that the host had came, and no more in the end.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>It came little by little.</summary>
    public bool IsTrickle => IsWhole && _growths >= FewestGrowths && _growths * 2 >= _looksWhileGrowing;

    /// <summary>It is time for a measurement.</summary>
    public bool IsDue(long now) => now >= _next;

    /// <summary>From now on nothing is taken.</summary>
    public void Begin(long now)
    {
        IsMeasuring = true;
        IsWhole = false;
        Bytes = 0;
        _begunAt = now;
        _grewAt = now;
        _looks = 0;
        _looksWhileGrowing = 0;
        _growths = 0;
    }

    /// <summary>A look.</summary>
    /// <param name="now">The time, in ticks.</param>
    /// <param name="bytes">What has come and was not taken.</param>
    /// <returns>False when the measurement has ended.</returns>
    public bool Look(long now, int bytes)
    {
        _looks++;
        if (bytes > Bytes)
        {
            Bytes = bytes;
            _grewAt = now;
            _looksWhileGrowing = _looks;
            _growths++;
        }
        IsWhole = now - _grewAt >= QuietTicks;
        if (!IsWhole && now - _begunAt < MostMicroseconds * _ticksPerMicrosecond)
            return true;
        End(now);
        return false;
    }

    /// <summary>Ends a measurement. The next one comes soon, and later each time, unless it was of use.</summary>
    public void End(long now)
    {
        IsMeasuring = false;
        SetRest(now, _rest);
    }

    /// <summary>The next measurement comes in half a second.</summary>
    public void PutOff(long now)
    {
        IsMeasuring = false;
        SetRest(now, RestMicroseconds);
    }

    /// <summary>Nothing is known, and it may be measured at once.</summary>
    public void Forget()
    {
        IsMeasuring = false;
        SetRest(0, 0);
    }

    private void SetRest(long now, long microseconds)
    {
        _next = now + (microseconds * _ticksPerMicrosecond);
        _rest = Math.Min(Math.Max(microseconds * 2, ShortestRestMicroseconds), RestMicroseconds);
    }
}
