using System.Runtime.InteropServices;
using ArmCrc = System.Runtime.Intrinsics.Arm.Crc32;
using X86Crc = System.Runtime.Intrinsics.X86.Sse42;

namespace ManagedNvmet.Protocol.Digests;

/// <summary>CRC32C (Castagnoli), the header and data digest of NVMe/TCP: reflected, initial value and final XOR all ones.</summary>
/// <remarks>Computed in parts: begin with <see cref="Seed"/>, <see cref="Append"/> each part, <see cref="Finish"/>. The processor's
/// instruction takes a word each cycle but answers after three, so long pieces are computed as three streams at a time and
/// combined.</remarks>
public static class Crc32C
{
    /// <summary>The state before the first byte.</summary>
    public const uint Seed = 0xFFFF_FFFF;

    private const uint ReflectedPolynomial = 0x82F6_3B78;

    // Words of each of the three streams. 4 KiB are 3 × 1360 bytes and 16 more; below one such round a single stream is as fast.
    private const int LongWords = 170;
    private const int ShortWords = 21;

    private static readonly uint[] Table = BuildTable();
    private static readonly CrcShift LongShift = new(LongWords * sizeof(ulong));
    private static readonly CrcShift ShortShift = new(ShortWords * sizeof(ulong));

    /// <summary>The digest of <paramref name="bytes"/>; stored little-endian on the wire.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Finish(Append(Seed, bytes));

    /// <summary>The digest for a state.</summary>
    public static uint Finish(uint state) => ~state;

    /// <summary>The state after <paramref name="bytes"/>.</summary>
    public static uint Append(uint state, ReadOnlySpan<byte> bytes)
    {
        if (!X86Crc.X64.IsSupported && !ArmCrc.Arm64.IsSupported)
            return AppendByTable(state, bytes);
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        ReadOnlySpan<byte> rest = bytes[(words.Length * sizeof(ulong))..];
        while (words.Length >= 3 * LongWords)
        {
            state = AppendThreeStreams(state, words, LongWords, LongShift);
            words = words[(3 * LongWords)..];
        }
        while (words.Length >= 3 * ShortWords)
        {
            state = AppendThreeStreams(state, words, ShortWords, ShortShift);
            words = words[(3 * ShortWords)..];
        }
        ulong wide = state;
        foreach (ulong word in words)
            wide = AppendWord(wide, word);
        state = (uint)wide;
        foreach (byte next in rest)
            state = X86Crc.X64.IsSupported ? X86Crc.Crc32(state, next) : ArmCrc.ComputeCrc32C(state, next);
        return state;
    }

    internal static uint AppendByTable(uint state, ReadOnlySpan<byte> bytes)
    {
        foreach (byte next in bytes)
            state = Table[(byte)(state ^ next)] ^ (state >> 8);
        return state;
    }

    /// <summary>The state after a byte of zeros.</summary>
    internal static uint AppendZero(uint state) => Table[(byte)state] ^ (state >> 8);

    private static uint AppendThreeStreams(uint state, ReadOnlySpan<ulong> words, int count, CrcShift shift)
    {
        ReadOnlySpan<ulong> first = words[..count];
        ReadOnlySpan<ulong> second = words.Slice(count, count);
        ReadOnlySpan<ulong> third = words.Slice(2 * count, count);
        ulong a = state;
        ulong b = 0;
        ulong c = 0;
        for (int index = 0; index < first.Length && index < second.Length && index < third.Length; index++)
        {
            a = AppendWord(a, first[index]);
            b = AppendWord(b, second[index]);
            c = AppendWord(c, third[index]);
        }

        // The remainder of a sum is the sum of the remainders: each stream is moved past those behind it, and added.
        return shift.Apply(shift.Apply((uint)a) ^ (uint)b) ^ (uint)c;
    }

    private static ulong AppendWord(ulong state, ulong word) =>
        X86Crc.X64.IsSupported ? X86Crc.X64.Crc32(state, word) : ArmCrc.Arm64.ComputeCrc32C((uint)state, word);

    private static uint[] BuildTable()
    {
        var table = new uint[256];
        for (uint index = 0; index < table.Length; index++)
        {
            uint value = index;
            for (int bit = 0; bit < 8; bit++)
                value = (value & 1) != 0 ? (value >> 1) ^ ReflectedPolynomial : value >> 1;
            table[index] = value;
        }
        return table;
    }
}
