using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Commands.Admin;

/// <summary>Asynchronous Event Request: stays outstanding until there is an event.</summary>
internal sealed class AsyncEventRequestCommand : Command
{
    public override byte Opcode => AdminOpcode.AsyncEventRequest;

    public override string Name => "Asynchronous Event Request";

    public override bool IsForDiscovery => true;

    public override void Execute(CommandContext context)
    {
        if (!context.Controller!.Events.TryAdd(context))
            context.Finish(NvmeStatus.AsyncEventRequestLimitExceeded);
    }
}
