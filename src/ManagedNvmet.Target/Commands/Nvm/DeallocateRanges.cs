using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Commands.Nvm;

/// <summary>The ranges of a Dataset Management command.</summary>
internal static class DeallocateRanges
{
    /// <summary>Most ranges of one command: NR has 8 bits and is 0's based.</summary>
    public const int MaxCount = 256;

    /// <summary>Reads and judges all ranges before any is used. Ranges without blocks are left out wherever they point; ranges that
    /// continue each other become one.</summary>
    /// <param name="data">What the host sent: at least <paramref name="count"/> entries.</param>
    /// <param name="count">1 to 256.</param>
    /// <param name="namespaceBlocks">Blocks of the namespace.</param>
    /// <param name="ranges">Room for <paramref name="count"/> ranges.</param>
    /// <param name="used">How many were filled.</param>
    /// <returns>LBA Out of Range when any range leaves the namespace.</returns>
    public static NvmeStatus Read(ReadOnlySpan<byte> data, int count, ulong namespaceBlocks, Span<BlockRange> ranges, out int used)
    {
        used = 0;
        foreach (ref readonly RangeEntry entry in MemoryMarshal.Cast<byte, RangeEntry>(data[..(count * RangeEntry.Size)]))
        {
            uint blocks = entry.BlockCount;
            ulong first = entry.FirstBlock;
            if (blocks == 0)
                continue;
            if (!BlockRangeCheck.IsInside(first, blocks, namespaceBlocks))
            {
                used = 0;
                return NvmeStatus.LbaOutOfRange;
            }
            if (used > 0 && ranges[used - 1].FirstBlock + ranges[used - 1].BlockCount == first)
                ranges[used - 1] = new BlockRange(ranges[used - 1].FirstBlock, ranges[used - 1].BlockCount + blocks);
            else
                ranges[used++] = new BlockRange(first, blocks);
        }
        return NvmeStatus.Success;
    }
}

/// <summary>A range of a Dataset Management command, 16 bytes. Context Attributes (bytes 3:0) are hints, and not used.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
internal struct RangeEntry
{
    public const int Size = 16;

    /// <summary>Length in blocks; not 0's based.</summary>
    [FieldOffset(4)] public U32 BlockCount;

    /// <summary>SLBA.</summary>
    [FieldOffset(8)] public U64 FirstBlock;
}
