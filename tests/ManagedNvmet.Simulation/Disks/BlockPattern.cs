using System.Runtime.InteropServices;

namespace ManagedNvmet.Simulation.Disks;

/// <summary>Contents of a block: the number of its write, its address, and words computed from both, so that torn or misplaced blocks and
/// old buffers are detected.</summary>
internal static class BlockPattern
{
    /// <summary>Version of a block of zeros.</summary>
    public const ulong Zero = 0;

    /// <summary>Version of a block of FFh bytes, which a disk may return for a deallocated block when it does not promise zeros.</summary>
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

    /// <summary>Reads the version of a block. Returns false when the block is torn or belongs to another address.</summary>
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
