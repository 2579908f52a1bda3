namespace ManagedNvmet.Target.QualityOfService;

/// <summary>A token bucket with a rate and a burst. The level can become negative: a command that is larger than the burst also passes, and
/// later commands wait longer.</summary>
/// <param name="least">The level that a take requires: 1 for commands, more than 0 for bytes.</param>
internal struct TokenBucket(double least)
{
    // Allows for the rounding errors of many small additions.
    private const double Tolerance = 1e-6;

    private double _perMillisecond;
    private double _burst;

    /// <summary>False when the bucket has no limit.</summary>
    public readonly bool IsLimited => _perMillisecond > 0;

    /// <summary>The number of tokens.</summary>
    public double Level { get; private set; }

    /// <summary>True when a command may take tokens.</summary>
    public readonly bool HasAny => !IsLimited || Level + Tolerance > least;

    /// <summary>The time until <see cref="HasAny"/> is true, in milliseconds, at least 1.</summary>
    public readonly double WaitMilliseconds => HasAny ? 1 : Math.Max(1, Math.Ceiling((least - Level) / _perMillisecond - Tolerance));

    /// <summary>Sets the rate. A bucket that had no limit becomes full.</summary>
    public void Set(double? perSecond, double burstSeconds)
    {
        bool wasLimited = IsLimited;
        _perMillisecond = perSecond / 1000 ?? 0;
        _burst = Math.Max(1, _perMillisecond * burstSeconds * 1000);
        Level = wasLimited ? Math.Min(Level, _burst) : _burst;
    }

    /// <summary>Adds the tokens of a time.</summary>
    public void Fill(long milliseconds)
    {
        if (IsLimited)
            Level = Math.Min(_burst, Level + milliseconds * _perMillisecond);
    }

    /// <summary>Takes tokens.</summary>
    public void Take(double amount)
    {
        if (IsLimited)
            Level -= amount;
    }
}
