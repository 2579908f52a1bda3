using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.Fabrics;

/// <summary>Connect: makes a connection the admin queue of a new controller, or an I/O queue of one that is there.</summary>
internal sealed partial class ConnectCommand : FabricsCommand
{
    public const byte FabricsType = 0x01;

    public override byte Opcode => FabricsType;

    public override string Name => "Connect";

    public override bool IsForDiscovery => true;

    public override bool IsForIoQueue => true;

    public override NvmeStatus Admit(CommandContext context)
    {
        ConnectRefusal refusal = ConnectFields.CheckLength(context.Slot.SglLength);
        return refusal.IsRefused ? Note(context, refusal) : NvmeStatus.Success;
    }

    public override void Execute(CommandContext context)
    {
        ConnectRefusal refusal = ConnectFields.TryRead(context.Entry, context.Bytes, context.Queue.Target.Limits, out ConnectFields fields);
        if (!refusal.IsRefused)
            refusal = Connect(context, fields);
        if (refusal.IsRefused)
            context.Finish(Note(context, refusal));
        else
            Succeed(context, fields);
    }

    /// <summary>The status of a Connect whose data cannot even be fetched; Invalid Field is not among those it may have.</summary>
    internal static NvmeStatus MalformedSgl(CommandContext context, NvmeStatus sglStatus) => Note(context,
        sglStatus.IsSameCode(NvmeStatus.InvalidField)
            ? ConnectRefusal.InEntry(ConnectFields.FlagsOffset, "the command does not describe its data by an SGL")
            : ConnectRefusal.Because(sglStatus, "the SGL of the command is malformed"));

    private static ConnectRefusal Connect(CommandContext context, ConnectFields fields)
    {
        NvmeTarget target = context.Queue.Target;
        if (target.IsStopping)
            return ConnectRefusal.Because(NvmeStatus.ControllerBusy, "the target is stopping", ConnectRefusal.WaitRemedy);
        if (target.Find(fields.SubsystemNqn) is not { } subsystem)
        {
            return ConnectRefusal.InConnectData(ConnectFields.SubsystemNqnOffset, "there is no such subsystem",
                "Add the subsystem, or correct its name on the host");
        }
        if (!subsystem.IsAllowed(fields.HostNqn))
        {
            return ConnectRefusal.Because(NvmeStatus.ConnectInvalidHost, "this host may not use the subsystem",
                $"To let it in, add it to {nameof(SubsystemOptions.AllowedHosts)} (--allow-host)");
        }

        // Authentication begins here: whether this host has to, and the secret that it needs, are known.
        if (fields.QueueId != 0)
        {
            return subsystem.FindController(fields.ControllerId) is { } known
                ? known.TryAddIoQueue(context.Queue, fields)
                : IoQueueRules.UnknownController();
        }
        if (fields.ControllerId != ConnectFields.DynamicControllerId)
        {
            return ConnectRefusal.InConnectData(ConnectFields.ControllerIdOffset,
                "the host asks for a certain controller (CNTLID is not FFFFh), and controllers are made as hosts connect");
        }
        ConnectRefusal refusal = subsystem.TryCreateController(context.Queue, fields, out Controller? controller);
        if (!refusal.IsRefused)
            context.Queue.Join(controller!, 0);
        return refusal;
    }

    private static void Succeed(CommandContext context, ConnectFields fields)
    {
        QueuePair queue = context.Queue;
        queue.Connection.Establish(isAdmin: fields.QueueId == 0, fields.Entries, isFlowControlled: !fields.DisablesFlowControl);
        if (fields.QueueId == 0)
            queue.Controller!.Start();

        // CNTLID; AUTHREQ above it is 0.
        context.Finish(NvmeStatus.Success, queue.Controller!.Id);
    }

    /// <summary>Writes the log line, sets the result that goes with the status, and gives the status.</summary>
    private static NvmeStatus Note(CommandContext context, ConnectRefusal refusal)
    {
        QueuePair queue = context.Queue;
        context.FailureResult = refusal.Result;
        if (queue.Target.RefusalLimiter.TryEnter())
        {
            ReadOnlySpan<byte> data = context.IsExecuting ? context.Bytes : default;
            bool hasNames = data.Length == ConnectFields.DataBytes;
            LogRefused(
                queue.Target.Logger,
                hasNames ? LogText.Field(data.Slice(ConnectFields.HostNqnOffset, Nqn.FieldBytes)) : "(unknown)",
                queue.RemoteAddress,
                (int)(context.Entry.Cdw10 >> 16),
                hasNames ? LogText.Field(data.Slice(ConnectFields.SubsystemNqnOffset, Nqn.FieldBytes)) : "(unknown)",
                refusal.Reason,
                refusal.Status,
                refusal.Remedy);
        }
        queue.OnRefused();
        return refusal.Status;
    }
}
