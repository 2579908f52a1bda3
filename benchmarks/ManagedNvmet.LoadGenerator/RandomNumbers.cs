namespace ManagedNvmet.LoadGenerator;

/// <summary>SplitMix64 pseudo-random numbers. A seed gives the same sequence on every machine, and a number costs a few
/// instructions.</summary>
internal struct RandomNumbers(ulong seed)
{
    private const ulong Step = 0x9E37_79B9_7F4A_7C15;

    private ulong _state = Mix(seed + Step);

    /// <summary>Returns a number that is at least 0 and less than <paramref name="bound"/>, which must be at least 1.</summary>
    public ulong Below(ulong bound) => Math.BigMul(Next(), bound, out _);

    /// <summary>Mixes the bits of a number, so that similar inputs give very different results.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }

    private ulong Next()
    {
        _state += Step;
        return Mix(_state);
    }
}
