using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Commands.Admin;

/// <summary>Abort: ends a command of any queue of this controller that has not been started. What a device is working on runs on.
/// Always succeeds; bit 0 of the result is 0 when the command was aborted.</summary>
internal sealed class AbortCommand : Command
{
    private const ulong NotAborted = 1;

    private static readonly Action<object?> AbortPosted = static state =>
    {
        var context = (CommandContext)state!;
        context.WasAborted = context.AbortTarget!.TryAbort(CommandId(context));
        context.Queue.Post(FinishPosted!, context);
    };

    private static readonly Action<object?> FinishPosted = static state =>
    {
        var context = (CommandContext)state!;
        context.AbortTarget = null;
        context.Controller!.OutstandingAborts--;
        Finish(context, context.WasAborted);
    };

    public override byte Opcode => AdminOpcode.Abort;

    public override string Name => "Abort";

    public override void Execute(CommandContext context)
    {
        ControllerEnvironment controller = context.Controller!;
        var queueId = (int)(context.Entry.Cdw10 & 0xFFFF);
        if (queueId == 0)
        {
            Finish(context, context.Queue.TryAbort(CommandId(context)));
            return;
        }
        if (controller.FindQueue(queueId) is not { } queue)
        {
            Finish(context, wasAborted: false);
            return;
        }

        // The other queue may belong to another thread; only that one can tell whether the command has been started.
        if (controller.OutstandingAborts == controller.Limits.MaxAborts)
        {
            context.Finish(NvmeStatus.AbortCommandLimitExceeded);
            return;
        }
        controller.OutstandingAborts++;
        context.AbortTarget = queue;
        queue.Post(AbortPosted, context);
    }

    private static ushort CommandId(CommandContext context) => (ushort)(context.Entry.Cdw10 >> 16);

    private static void Finish(CommandContext context, bool wasAborted) =>
        context.Finish(NvmeStatus.Success, wasAborted ? 0 : NotAborted);
}
