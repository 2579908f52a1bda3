using System.Runtime.InteropServices;

namespace ManagedNvmet.Simulation.Disks;

/// <summary>What a block holds: the number of the write that it comes from, its own address, and words that follow from both, so that a
/// block which is torn, misplaced or made of an old buffer shows.</summary>
internal static class BlockPattern
{
    /// <summary>A block of zeros.</summary>
    public const ulong Zero = 0;

    /// <summary>A block of FFh: what a disk may give back for a deallocated block when it does not promise zeros.</summary>
    public const ulong Ones = ulong.MaxValue;

    public static void Fill(Span<byte> block, ulong version, uint disk, ulong address)
    {
        if (version is Zero or Ones)
        {
            block.Fill((byte)version);
            return;
        }
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        words[0] = version;
        for (int index = 1; index < words.Length; index++)
            words[index] = Word(version, disk, address, index);
    }

    /// <summary>Reads the version of a block; false when it is not a whole block of this place.</summary>
    public static bool TryRead(ReadOnlySpan<byte> block, uint disk, ulong address, out ulong version)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        version = words[0];
        if (version is Zero or Ones)
            return !words.ContainsAnyExcept(version);
        for (int index = 1; index < words.Length; index++)
        {
            if (words[index] != Word(version, disk, address, index))
                return false;
        }
        return true;
    }

    private static ulong Word(ulong version, uint disk, ulong address, int index) =>
        (version * 0x9E37_79B9_7F4A_7C15) ^ ((address << 32) | ((ulong)disk << 16) | (uint)index);
}
