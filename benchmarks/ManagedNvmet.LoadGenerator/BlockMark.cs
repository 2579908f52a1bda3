using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ManagedNvmet.LoadGenerator;

/// <summary>The contents of a block that was written with --verify: tool, address, generation and seed, and then a pattern made of these, so that
/// a block that is old, misplaced, torn or damaged anywhere is known for what it is.</summary>
/// <param name="Address">Logical block address.</param>
/// <param name="Generation">Number of the write.</param>
/// <param name="Seed">Seed of the run.</param>
public readonly record struct BlockMark(ulong Address, ulong Generation, ulong Seed)
{
    // "MNVMLOAD" as it stands in the block.
    private const ulong Magic = 0x4441_4F4C_4D56_4E4D;
    private const int HeaderWords = 4;
    private const ulong WordStep = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Fills a block.</summary>
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
    /// <returns>False when this tool did not write the block.</returns>
    public static bool TryRead(ReadOnlySpan<byte> block, out BlockMark mark)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        mark = new BlockMark(Wire(words[1]), Wire(words[2]), Wire(words[3]));
        return words[0] == Wire(Magic);
    }

    /// <summary>Where the pattern behind the mark is broken first.</summary>
    /// <returns>The byte, or -1 when it is whole.</returns>
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
