namespace ManagedNvmet.LoadGenerator;

/// <summary>Random numbers by the SplitMix64 sequence: the same for the same seed on every machine, and a few instructions each.</summary>
internal struct RandomNumbers(ulong seed)
{
    private const ulong Step = 0x9E37_79B9_7F4A_7C15;

    private ulong _state = Mix(seed + Step);

    /// <summary>A number from 0 up to but not including <paramref name="bound"/>, which is at least 1.</summary>
    public ulong Below(ulong bound) => Math.BigMul(Next(), bound, out _);

    /// <summary>Scatters the bits of a number over all 64.</summary>
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
