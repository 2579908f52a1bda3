using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Wire;

namespace ManagedNvmet.Target.Commands.Nvm;

/// <summary>Dataset Management (09h). Deallocate (AD) is carried out; the other attributes are hints that change nothing here.</summary>
public sealed class DatasetManagementCommand() : Command(NamespaceUse.One, BlockOperation.Deallocate)
{
    private const uint DeallocateBit = 1u << 2;

    /// <inheritdoc/>
    public override byte Opcode => NvmOpcode.DatasetManagement;

    /// <inheritdoc/>
    public override string Name => "Dataset Management";

    /// <inheritdoc/>
    public override CommandEffects Effects => CommandEffects.Supported | CommandEffects.LogicalBlockChange;

    /// <inheritdoc/>
    public override OptionalSupport OptionalSupport => OptionalSupport.DatasetManagement;

    /// <inheritdoc/>
    public override NvmeStatus Admit(CommandContext context) =>
        Check(context.Entry, context.Slot.SglLength, context.Controller!.Limits.Connection.MaxTransferBytes);

    /// <inheritdoc/>
    public override void Execute(CommandContext context)
    {
        BlockDeviceProperties properties = context.Namespace!.Properties;
        Span<BlockRange> ranges = stackalloc BlockRange[DeallocateRanges.MaxCount];
        NvmeStatus status = DeallocateRanges.Read(context.Bytes, RangeCount(context.Entry), properties.BlockCount, ranges, out int used);
        bool hasWork = used > 0 && IsDeallocating(context.Entry) && properties.Has(BlockDeviceCapabilities.Deallocate);
        if (status.IsSuccess && hasWork)
            context.SubmitDeallocate(ranges[..used]);
        else
            context.Finish(status);
    }

    internal static bool IsDeallocating(in SubmissionEntry entry) => (entry.Cdw11 & DeallocateBit) != 0;

    internal static int RangeCount(in SubmissionEntry entry) => (int)(entry.Cdw10 & 0xFF) + 1;

    /// <summary>Judges the data length: hosts send a whole page whatever the number of ranges, so that more than needed is fine.</summary>
    internal static NvmeStatus Check(in SubmissionEntry entry, uint sglLength, int maxTransferBytes)
    {
        if (sglLength < RangeCount(entry) * RangeEntry.Size)
            return NvmeStatus.DataSglLengthInvalid;
        return sglLength <= maxTransferBytes ? NvmeStatus.Success : NvmeStatus.InvalidField;
    }
}
