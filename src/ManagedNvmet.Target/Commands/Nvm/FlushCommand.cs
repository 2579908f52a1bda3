using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Commands.Nvm;

/// <summary>Flush (00h), of one namespace or with NSID FFFFFFFFh of all (VWC bits 2:1 = 11b).</summary>
public sealed class FlushCommand() : Command(NamespaceUse.OneOrAll, BlockOperation.Flush)
{
    /// <inheritdoc/>
    public override byte Opcode => NvmOpcode.Flush;

    /// <inheritdoc/>
    public override string Name => "Flush";

    /// <inheritdoc/>
    public override NvmeStatus Admit(CommandContext context) =>
        context.Slot.SglLength == 0 ? NvmeStatus.Success : NvmeStatus.DataSglLengthInvalid;

    /// <inheritdoc/>
    public override void Execute(CommandContext context)
    {
        // The cache is looked at, not whether the host has it turned on: what was written while it was on still counts.
        if (context.Namespace is not { } target)
            new FlushOfAll(context).Start();
        else if (target.Properties.HasVolatileCache)
            context.Submit(BlockOperation.Flush, 0, 0);
        else
            context.Finish(NvmeStatus.Success);
    }
}
