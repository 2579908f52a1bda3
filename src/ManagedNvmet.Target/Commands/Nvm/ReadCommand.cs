using ManagedNvmet.Protocol.Slots;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Commands.Nvm;

/// <summary>Read (02h).</summary>
public sealed class ReadCommand() : Command(NamespaceUse.One, BlockOperation.Read)
{
    /// <inheritdoc/>
    public override byte Opcode => NvmOpcode.Read;

    /// <inheritdoc/>
    public override string Name => "Read";

    /// <inheritdoc/>
    public override NvmeStatus Admit(CommandContext context)
    {
        Namespace target = context.Namespace!;
        context.DataPlacement = target.Properties.Has(BlockDeviceCapabilities.LendsReadData) ? DataPlacement.Lent : DataPlacement.Buffered;
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
        bool isForced = context.Namespace!.Properties.HasVolatileCache && Durability.IsForced(context.Entry);
        context.Submit(
            BlockOperation.Read, BlockRangeCheck.FirstBlock(context.Entry), BlockRangeCheck.BlockCount(context.Entry), isForced);
    }
}
