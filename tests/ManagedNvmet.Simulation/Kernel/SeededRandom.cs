namespace ManagedNvmet.Simulation.Kernel;

/// <summary>Pseudo-random numbers (SplitMix64) that depend on the seed alone, and not on the machine or the version of the
/// runtime.</summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Bits()
    {
        _state += 0x9E37_79B9_7F4A_7C15;
        ulong mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>Returns a number that is at least 0 and less than <paramref name="limit"/>. </summary>
    public int Below(int limit) => (int)(Bits() % (uint)limit);

    /// <summary>Returns a number from <paramref name="lowest"/> to <paramref name="highest"/>, including both.</summary>
    public int Between(int lowest, int highest) => lowest + Below(highest - lowest + 1);

    /// <summary>Returns a number between the limits with a skewed distribution: each power of two up to the limit has the same
    /// probability.</summary>
    public int Skewed(int lowest, int highest)
    {
        int range = highest - lowest;
        int bits = Below(33 - int.LeadingZeroCount(range));
        return lowest + Math.Min(range, Below(1 << Math.Min(bits, 30)));
    }

    public bool Chance(int percent) => Below(100) < percent;

    public bool OneIn(int count) => Below(count) == 0;

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    public T PickFrom<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];
}
