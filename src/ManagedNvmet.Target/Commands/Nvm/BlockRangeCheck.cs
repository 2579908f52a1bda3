using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Commands.Nvm;

/// <summary>The checks of a command that addresses one run of blocks by SLBA and NLB.</summary>
internal static class BlockRangeCheck
{
    /// <summary>SLBA: index of the first block.</summary>
    public static ulong FirstBlock(in SubmissionEntry entry) => entry.Cdw10And11;

    /// <summary>Number of blocks, 1 to 65536: NLB is 0's based.</summary>
    public static uint BlockCount(in SubmissionEntry entry) => (entry.Cdw12 & 0xFFFF) + 1;

    /// <summary>True when the blocks lie in a namespace of <paramref name="namespaceBlocks"/> blocks, however near to 2^64 they
    /// begin.</summary>
    public static bool IsInside(ulong firstBlock, ulong blockCount, ulong namespaceBlocks) =>
        blockCount <= namespaceBlocks && firstBlock <= namespaceBlocks - blockCount;

    /// <summary>Judges a command that has a range, and no data.</summary>
    public static NvmeStatus CheckRange(in SubmissionEntry entry, ulong namespaceBlocks) =>
        IsInside(FirstBlock(entry), BlockCount(entry), namespaceBlocks) ? NvmeStatus.Success : NvmeStatus.LbaOutOfRange;

    /// <summary>Judges a command that transfers the blocks it addresses.</summary>
    /// <param name="entry">The command.</param>
    /// <param name="sglLength">Bytes that its SGL describes; must be exactly those of the blocks.</param>
    /// <param name="namespaceBlocks">Blocks of the namespace.</param>
    /// <param name="blockShift">Log2 of the bytes of a block.</param>
    /// <param name="maxTransferBytes">MDTS in bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NvmeStatus CheckTransfer(
        in SubmissionEntry entry, uint sglLength, ulong namespaceBlocks, int blockShift, int maxTransferBytes)
    {
        NvmeStatus range = CheckRange(entry, namespaceBlocks);
        if (!range.IsSuccess)
            return range;
        ulong bytes = (ulong)BlockCount(entry) << blockShift;
        if (bytes > (ulong)maxTransferBytes)
            return NvmeStatus.InvalidField;
        return bytes == sglLength ? NvmeStatus.Success : NvmeStatus.DataSglLengthInvalid;
    }
}
