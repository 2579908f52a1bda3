using System.Runtime.InteropServices;
using ArmCrc = System.Runtime.Intrinsics.Arm.Crc32;
using X86Crc = System.Runtime.Intrinsics.X86.Sse42;

namespace ManagedNvmet.Protocol.Digests;

/// <summary>CRC32C (Castagnoli), the header and data digest of NVMe/TCP: reflected, initial value and final XOR all ones.</summary>
/// <remarks>Computed in parts: begin with <see cref="Seed"/>, <see cref="Append"/> each part, <see cref="Finish"/>.</remarks>
public static class Crc32C
{
    /// <summary>The state before the first byte.</summary>
    public const uint Seed = 0xFFFF_FFFF;

    private const uint ReflectedPolynomial = 0x82F6_3B78;

    private static readonly uint[] Table = BuildTable();

    /// <summary>The digest of <paramref name="bytes"/>; stored little-endian on the wire.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Finish(Append(Seed, bytes));

    /// <summary>The digest for a state.</summary>
    public static uint Finish(uint state) => ~state;

    /// <summary>The state after <paramref name="bytes"/>.</summary>
    public static uint Append(uint state, ReadOnlySpan<byte> bytes)
    {
        if (X86Crc.X64.IsSupported)
        {
            ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
            ulong wide = state;
            foreach (ulong word in words)
                wide = X86Crc.X64.Crc32(wide, word);
            state = (uint)wide;
            foreach (byte rest in bytes[(words.Length * sizeof(ulong))..])
                state = X86Crc.Crc32(state, rest);
            return state;
        }
        if (ArmCrc.Arm64.IsSupported)
        {
            ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
            foreach (ulong word in words)
                state = ArmCrc.Arm64.ComputeCrc32C(state, word);
            foreach (byte rest in bytes[(words.Length * sizeof(ulong))..])
                state = ArmCrc.ComputeCrc32C(state, rest);
            return state;
        }
        return AppendByTable(state, bytes);
    }

    internal static uint AppendByTable(uint state, ReadOnlySpan<byte> bytes)
    {
        foreach (byte next in bytes)
            state = Table[(byte)(state ^ next)] ^ (state >> 8);
        return state;
    }

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
