using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Wire;

namespace ManagedNvmet.Target.Commands.Nvm;

/// <summary>Write Zeroes (08h).</summary>
public sealed class WriteZeroesCommand() : Command(NamespaceUse.One, BlockOperation.WriteZeroes)
{
    private const uint DeallocateBit = 1u << 25;
    private const uint NamespaceZeroesBit = 1u << 23;

    /// <inheritdoc/>
    public override byte Opcode => NvmOpcode.WriteZeroes;

    /// <inheritdoc/>
    public override string Name => "Write Zeroes";

    /// <inheritdoc/>
    public override CommandEffects Effects => CommandEffects.Supported | CommandEffects.LogicalBlockChange;

    /// <inheritdoc/>
    public override OptionalSupport OptionalSupport => OptionalSupport.WriteZeroes;

    /// <inheritdoc/>
    public override NvmeStatus Admit(CommandContext context) =>
        Check(context.Entry, context.Slot.SglLength, context.Namespace!.Properties.BlockCount);

    /// <inheritdoc/>
    public override void Execute(CommandContext context)
    {
        BlockDeviceProperties properties = context.Namespace!.Properties;
        bool isForced = Durability.IsForcedWrite(context.Entry, properties.HasVolatileCache, context.Controller!.Features.IsWriteThrough);
        context.Submit(
            BlockOperation.WriteZeroes,
            BlockRangeCheck.FirstBlock(context.Entry),
            BlockRangeCheck.BlockCount(context.Entry),
            isForced,
            IsDeallocating(context.Entry, properties));
    }

    internal static NvmeStatus Check(in SubmissionEntry entry, uint sglLength, ulong namespaceBlocks)
    {
        // A host that asks for the whole namespace to be zeroed must not get less than that.
        if ((entry.Cdw12 & NamespaceZeroesBit) != 0)
            return NvmeStatus.InvalidField;
        NvmeStatus range = BlockRangeCheck.CheckRange(entry, namespaceBlocks);
        if (!range.IsSuccess)
            return range;
        return sglLength == 0 ? NvmeStatus.Success : NvmeStatus.DataSglLengthInvalid;
    }

    // DEAC is a wish: where deallocated blocks would not read as zeros, zeros are written.
    internal static bool IsDeallocating(in SubmissionEntry entry, BlockDeviceProperties properties) =>
        (entry.Cdw12 & DeallocateBit) != 0
            && properties.Has(BlockDeviceCapabilities.Deallocate | BlockDeviceCapabilities.DeallocatedReadsZero);
}
