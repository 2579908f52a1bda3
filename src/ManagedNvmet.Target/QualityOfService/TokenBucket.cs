namespace ManagedNvmet.Target.QualityOfService;

/// <summary>Tokens that flow in at a rate, up to a burst, and are taken out. The level may become negative: a command that is larger than
/// the burst goes too, and those after it wait for longer.</summary>
/// <param name="least">What must be there for something to be taken: 1 of commands, anything of bytes.</param>
internal struct TokenBucket(double least)
{
    // Many additions of a small number do not quite come to their sum.
    private const double Tolerance = 1e-6;

    private double _perMillisecond;
    private double _burst;

    /// <summary>False when there is no limit.</summary>
    public readonly bool IsLimited => _perMillisecond > 0;

    /// <summary>What is left.</summary>
    public double Level { get; private set; }

    /// <summary>Something may be taken.</summary>
    public readonly bool HasAny => !IsLimited || Level + Tolerance > least;

    /// <summary>Milliseconds until <see cref="HasAny"/>, at least 1.</summary>
    public readonly double WaitMilliseconds => HasAny ? 1 : Math.Max(1, Math.Ceiling((least - Level) / _perMillisecond - Tolerance));

    /// <summary>Sets the rate; a bucket that had no limit before begins full.</summary>
    public void Set(double? perSecond, double burstSeconds)
    {
        bool wasLimited = IsLimited;
        _perMillisecond = perSecond / 1000 ?? 0;
        _burst = Math.Max(1, _perMillisecond * burstSeconds * 1000);
        Level = wasLimited ? Math.Min(Level, _burst) : _burst;
    }

    /// <summary>Lets time pass.</summary>
    public void Fill(long milliseconds)
    {
        if (IsLimited)
            Level = Math.Min(_burst, Level + milliseconds * _perMillisecond);
    }

    /// <summary>Takes.</summary>
    public void Take(double amount)
    {
        if (IsLimited)
            Level -= amount;
    }
}
