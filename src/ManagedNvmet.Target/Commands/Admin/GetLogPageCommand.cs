using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.LogPages;

namespace ManagedNvmet.Target.Commands.Admin;

/// <summary>Get Log Page (02h).</summary>
public sealed class GetLogPageCommand : Command
{
    /// <inheritdoc/>
    public override byte Opcode => AdminOpcode.GetLogPage;

    /// <inheritdoc/>
    public override string Name => "Get Log Page";

    /// <inheritdoc/>
    public override bool IsForDiscovery => true;

    /// <inheritdoc/>
    public override NvmeStatus Admit(CommandContext context)
    {
        ControllerEnvironment controller = context.Controller!;
        return LogPageRequest.Parse(context.Entry).Check(
            controller.IsDiscovery, controller.Limits.Connection.MaxTransferBytes, context.Slot.SglLength);
    }

    /// <inheritdoc/>
    public override void Execute(CommandContext context)
    {
        LogPageRequest request = LogPageRequest.Parse(context.Entry);

        // The event is armed before the page is read: a change in between is then told again rather than lost.
        if (!request.IsRetained)
            context.Controller!.Events.Acknowledge(request.LogPageId);
        NvmeStatus status = LogPageTable.All[request.LogPageId]!.Read(context, request.Offset, context.Bytes);
        context.Finish(status);
    }
}
