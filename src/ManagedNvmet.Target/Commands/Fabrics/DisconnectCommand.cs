using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Commands.Fabrics;

/// <summary>Disconnect: deletes one I/O queue. The last command of its queue to be completed.</summary>
internal sealed class DisconnectCommand : FabricsCommand
{
    public override byte Opcode => FabricsCommandType.Disconnect;

    public override string Name => "Disconnect";

    public override bool IsForIoQueue => true;

    public override NvmeStatus Admit(CommandContext context)
    {
        if (context.Queue.Id == 0)
            return NvmeStatus.InvalidQueueType;
        return (context.Entry.Cdw10 & 0xFFFF) == 0 ? NvmeStatus.Success : NvmeStatus.IncompatibleFormat;
    }

    public override void Execute(CommandContext context) => context.Queue.Disconnect(context);
}
