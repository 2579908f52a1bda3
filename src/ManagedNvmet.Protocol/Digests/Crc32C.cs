using System.Runtime.InteropServices;
using ArmCrc = System.Runtime.Intrinsics.Arm.Crc32;
using X86Crc = System.Runtime.Intrinsics.X86.Sse42;

namespace ManagedNvmet.Protocol.Digests;

/// <summary>CRC32C (Castagnoli), the header and data digest of NVMe/TCP: reflected, initial value and final XOR all ones.</summary>
/// <remarks>Computed in parts: begin with <see cref="Seed"/>, <see cref="Append"/> each part, <see cref="Finish"/>. The processor's
/// instruction takes a word each cycle but answers after three, so long pieces are computed as three streams at a time and combined.</remarks>
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

    /// <summary>Copies all of <paramref name="source"/> to the beginning of <paramref name="destination"/>, which does not overlap it: the digest
    /// is of what was copied, whatever happens to the source meanwhile, and memory is walked through once.</summary>
    /// <returns>The digest.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static uint Copy(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (destination.Length < source.Length)
            throw new ArgumentException("The destination is too short.", nameof(destination));
        uint state = Seed;
        int copied = 0;
        const int longBytes = 3 * LongWords * sizeof(ulong);
        if (X86Crc.X64.IsSupported || ArmCrc.Arm64.IsSupported)
        {
            for (; source.Length - copied >= longBytes; copied += longBytes)
            {
                state = CopyThreeStreams(
                    state, MemoryMarshal.Cast<byte, ulong>(source.Slice(copied, longBytes)), MemoryMarshal.Cast<byte, ulong>(destination.Slice(copied, longBytes)));
            }
        }
        Span<byte> rest = destination[copied..source.Length];
        source[copied..].CopyTo(rest);
        return Finish(Append(state, rest));
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

    // As AppendThreeStreams, of words that are read once.
    private static uint CopyThreeStreams(uint state, ReadOnlySpan<ulong> source, Span<ulong> destination)
    {
        ReadOnlySpan<ulong> first = source[..LongWords];
        ReadOnlySpan<ulong> second = source.Slice(LongWords, LongWords);
        ReadOnlySpan<ulong> third = source.Slice(2 * LongWords, LongWords);
        Span<ulong> firstCopy = destination[..LongWords];
        Span<ulong> secondCopy = destination.Slice(LongWords, LongWords);
        Span<ulong> thirdCopy = destination.Slice(2 * LongWords, LongWords);
        ulong a = state;
        ulong b = 0;
        ulong c = 0;
        for (int index = 0; index < LongWords; index++)
        {
            ulong word = first[index];
            firstCopy[index] = word;
            a = AppendWord(a, word);
            word = second[index];
            secondCopy[index] = word;
            b = AppendWord(b, word);
            word = third[index];
            thirdCopy[index] = word;
            c = AppendWord(c, word);
        }
        return LongShift.Apply(LongShift.Apply((uint)a) ^ (uint)b) ^ (uint)c;
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
