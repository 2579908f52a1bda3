using ManagedNvmet.Protocol.Slots;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Commands.Nvm;

/// <summary>Write (01h).</summary>
public sealed class WriteCommand() : Command(NamespaceUse.One, BlockOperation.Write)
{
    /// <inheritdoc/>
    public override byte Opcode => NvmOpcode.Write;

    /// <inheritdoc/>
    public override string Name => "Write";

    /// <inheritdoc/>
    public override CommandEffects Effects => CommandEffects.Supported | CommandEffects.LogicalBlockChange;

    /// <inheritdoc/>
    public override NvmeStatus Admit(CommandContext context)
    {
        Namespace target = context.Namespace!;
        context.DataPlacement =
            target.Properties.Has(BlockDeviceCapabilities.CompletesWritesAtOnce) ? DataPlacement.Borrowed : DataPlacement.Buffered;
        return BlockRangeCheck.CheckTransfer(
            context.Entry,
            context.Slot.SglLength,
            target.Properties.BlockCount,
            target.BlockShift,
            context.Controller!.Limits.Connection.MaxTransferBytes);
    }

    /// <inheritdoc/>
    public override void Execute(CommandContext context)
    {
        bool isForced = Durability.IsForcedWrite(
            context.Entry, context.Namespace!.Properties.HasVolatileCache, context.Controller!.Features.IsWriteThrough);
        context.Submit(
            BlockOperation.Write, BlockRangeCheck.FirstBlock(context.Entry), BlockRangeCheck.BlockCount(context.Entry), isForced);
    }
}
