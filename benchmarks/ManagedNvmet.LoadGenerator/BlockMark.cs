using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ManagedNvmet.LoadGenerator;

/// <summary>The contents of a block written with --verify: a magic number, address, generation and seed, followed by a pattern that is
/// computed from these. A later read thereby detects blocks that are outdated, misplaced, torn or damaged.</summary>
/// <param name="Address">Logical block address.</param>
/// <param name="Generation">Number of the write; later writes of a block have higher numbers.</param>
/// <param name="Seed">Seed of the run.</param>
public readonly record struct BlockMark(ulong Address, ulong Generation, ulong Seed)
{
    // The bytes "MNVMLOAD" in little-endian order.
    private const ulong Magic = 0x4441_4F4C_4D56_4E4D;
    private const int HeaderWords = 4;
    private const ulong WordStep = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Fills a block with the mark and the pattern.</summary>
    public void Fill(Span<byte> block)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        words[0] = Wire(Magic);
        words[1] = Wire(Address);
        words[2] = Wire(Generation);
        words[3] = Wire(Seed);
        ulong word = FirstWord;
        for (int index = HeaderWords; index < words.Length; index++)
            words[index] = Wire(word += WordStep);
    }

    /// <summary>Reads the mark of a block.</summary>
    /// <returns>False when the block does not begin with the magic number of this tool.</returns>
    public static bool TryRead(ReadOnlySpan<byte> block, out BlockMark mark)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        mark = new BlockMark(Wire(words[1]), Wire(words[2]), Wire(words[3]));
        return words[0] == Wire(Magic);
    }

    /// <summary>Finds the first byte of the pattern that is wrong.</summary>
    /// <returns>Offset of the byte in the block, or -1 when the pattern is right.</returns>
    public int FirstDamage(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        ulong word = FirstWord;
        for (int index = HeaderWords; index < words.Length; index++)
        {
            ulong difference = words[index] ^ Wire(word += WordStep);
            if (difference != 0)
                return (index * sizeof(ulong)) + (System.Numerics.BitOperations.TrailingZeroCount(Wire(difference)) / 8);
        }
        return -1;
    }

    /// <inheritdoc/>
    public override string ToString() => $"address {Address}, generation {Generation}, seed {Seed}";

    private ulong FirstWord => RandomNumbers.Mix(Address ^ RandomNumbers.Mix(Generation ^ RandomNumbers.Mix(Seed)));

    private static ulong Wire(ulong value) => BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);
}
