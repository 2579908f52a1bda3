namespace ManagedNvmet.Simulation.Kernel;

/// <summary>Numbers that follow from the seed alone, on every machine and every version of the runtime (SplitMix64).</summary>
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

    /// <summary>0 to <paramref name="limit"/> − 1.</summary>
    public int Below(int limit) => (int)(Bits() % (uint)limit);

    /// <summary>Both ends are possible.</summary>
    public int Between(int lowest, int highest) => lowest + Below(highest - lowest + 1);

    /// <summary>Small numbers are as likely as large ones: each power of two up to the limit has the same chance.</summary>
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
