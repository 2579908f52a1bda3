using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Admission;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Logging;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Refusals;

namespace ManagedNvmet.Target.Queues;

/// <summary>Executes Connect commands: a connection becomes the admin queue of a new controller, or an I/O queue of one that is
/// there.</summary>
internal static partial class ConnectExecution
{
    private static readonly Action<object?> RetryPosted = static state => Retry((QueuedCommand)state!);

    /// <summary>Checks what the command shows before its data is there.</summary>
    public static NvmeStatus Admit(QueuedCommand context)
    {
        ConnectRefusal refusal = ConnectFields.CheckLength(context.Slot.SglLength);
        return refusal.IsRefused ? Note(context, refusal) : NvmeStatus.Success;
    }

    /// <summary>Executes the command.</summary>
    public static void Execute(QueuedCommand context)
    {
        ConnectRefusal refusal = ConnectFields.TryRead(context.Entry, context.Bytes, context.Pair.Target.Limits, out ConnectFields fields);
        if (!refusal.IsRefused)
        {
            if (IsWaiting(context, fields))
                return;
            refusal = Connect(context, fields);
        }
        if (refusal.IsRefused)
            context.Finish(Note(context, refusal));
        else
            Succeed(context, fields);
    }

    /// <summary>Executes a Connect again that waited for the end of an older association. From any thread.</summary>
    public static void PostRetry(QueuedCommand context) => context.Pair.Connection.Scheduler.Post(RetryPosted, context);

    /// <summary>The status of a Connect whose data cannot even be fetched; Invalid Field is not among those it may have.</summary>
    public static NvmeStatus RefuseSgl(QueuedCommand context, NvmeStatus sglStatus) => Note(context,
        sglStatus.IsSameCode(NvmeStatus.InvalidField)
            ? ConnectRefusal.InEntry(
                ConnectFields.FlagsOffset, RefusalReason.InvalidParameter, "the command does not describe its data by an SGL")
            : ConnectRefusal.Because(sglStatus, RefusalReason.InvalidParameter, "the SGL of the command is malformed"));

    /// <summary>Refuses a Connect that waits for an earlier association for too long. The host may try again.</summary>
    public static void StopWaiting(QueuedCommand context, Controller ending)
    {
        if (!ending.TryForgetRetry(context))
            return;
        string disk = ending.FindHanging() is { } hanging ? $"namespace {hanging.Id} (device {hanging.Device})" : "a disk";
        context.Finish(Note(context, ConnectRefusal.Because(NvmeStatus.ControllerBusy, RefusalReason.EarlierCommands,
            $"a command of the host's earlier association, controller {ending.Id}, still runs on {disk}",
            "Look at that disk. The host tries again by itself, and may connect when the command has ended")));
    }

    private static void Retry(QueuedCommand context)
    {
        if (context.Pair.IsOpen)
            Execute(context);
        else
            context.Finish(NvmeStatus.AbortedBySubmissionQueueDeletion);
    }

    /// <summary>True when the Connect has to wait: a write of the host's last association must not overtake one of the new association
    /// (Base Specification, "Communication loss").</summary>
    /// <remarks>Another thread may not have received yet that the host closed the old connection. So the threads of the host's other
    /// controllers are visited first; then the Connect waits for the last command of every association that is over.</remarks>
    private static bool IsWaiting(QueuedCommand context, ConnectFields fields)
    {
        if (fields.QueueId != 0 || context.Pair.Target.Find(fields.SubsystemNqn) is not { IsDiscovery: false } subsystem)
            return false;
        if (!context.HasVisited)
        {
            context.HasVisited = true;
            var visits = new Countdown(() => PostRetry(context));
            if (subsystem.ControllerSet.TryVisit(fields.HostNqn, fields.HostId, visits))
            {
                visits.Acknowledge();
                return true;
            }
        }
        if (subsystem.ControllerSet.FindEnding(fields.HostNqn, fields.HostId) is not { } ending)
            return false;
        context.Pair.WaitFor(ending, context);
        return true;
    }

    private static ConnectRefusal Connect(QueuedCommand context, ConnectFields fields)
    {
        NvmeTarget target = context.Pair.Target;
        if (target.IsStopping)
        {
            return ConnectRefusal.Because(NvmeStatus.ControllerBusy, RefusalReason.Stopping, "the target is stopping",
                ConnectRefusal.WaitRemedy);
        }
        if (target.Find(fields.SubsystemNqn) is not { } subsystem)
            return ConnectRules.UnknownSubsystem(target);

        // A host need not repeat its identifier when it connects an I/O queue.
        Controller? known = fields.QueueId == 0 ? null : subsystem.ControllerSet.Find(fields.ControllerId);
        ReadOnlySpan<byte> hostId = known is not null && !fields.HostId.ContainsAnyExcept((byte)0) ? known.HostId : fields.HostId;
        ConnectRefusal refusal = ConnectRules.CheckAccess(subsystem, context.Pair, fields.HostNqn, hostId);
        if (refusal.IsRefused)
            return refusal;

        // Authentication begins here: whether this host has to, and the secret that it needs, are known.
        if (fields.QueueId != 0)
            return known?.TryAddIoQueue(context.Pair, fields) ?? IoQueueRules.UnknownController();
        if (fields.ControllerId != ConnectCommandData.DynamicControllerId)
        {
            return ConnectRefusal.InConnectData(ConnectCommandData.ControllerIdOffset, RefusalReason.InvalidParameter,
                "the host asks for a certain controller (CNTLID is not FFFFh), and controllers are made as hosts connect");
        }
        refusal = subsystem.TryCreateController(context.Pair, fields, out Controller? controller);
        if (!refusal.IsRefused)
            context.Pair.Join(controller!, 0, fields.Entries);
        return refusal;
    }

    private static void Succeed(QueuedCommand context, ConnectFields fields)
    {
        QueuePair queue = context.Pair;
        queue.Connection.Establish(isAdmin: fields.QueueId == 0, fields.Entries, isFlowControlled: !fields.DisablesFlowControl);
        if (fields.QueueId == 0)
            queue.Controller!.Start();
        if (fields.HostNqn == Nqn.Unnamed && queue.Target.TryEnterUnnamedHost())
            LogUnnamed(queue.Target.Logger, queue.RemoteAddress, fields.SubsystemNqn);

        // CNTLID; AUTHREQ above it is 0.
        context.Finish(NvmeStatus.Success, queue.Controller!.Id);
    }

    /// <summary>Writes the log line, sets the result that goes with the status, and gives the status.</summary>
    private static NvmeStatus Note(QueuedCommand context, ConnectRefusal refusal)
    {
        QueuePair queue = context.Pair;
        context.FailureResult = refusal.Result;
        ReadOnlySpan<byte> data = context.IsExecuting ? context.Bytes : default;
        bool hasNames = data.Length == ConnectCommandData.Size;
        var record = new Refusal
        {
            Kind = RefusalKind.Connect,
            Reason = refusal.Reason,
            LocalEndPoint = queue.Connection.LocalEndPoint,
            RemoteEndPoint = queue.Connection.RemoteEndPoint,
            HostNqn = hasNames ? LogText.Field(data.Slice(ConnectCommandData.HostNqnOffset, Nqn.FieldBytes)) : null,
            HostId = hasNames ? new Guid(data[..ConnectCommandData.HostIdBytes], bigEndian: true) : null,
            SubsystemNqn = hasNames ? LogText.Field(data.Slice(ConnectCommandData.SubsystemNqnOffset, Nqn.FieldBytes)) : null,
            QueueId = (int)(context.Entry.Cdw10 >> 16),
            Status = refusal.Status,
            Detail = refusal.Detail,
            Remedy = refusal.Remedy,
        };
        queue.Target.Refusals.Add(record);
        if (queue.Target.RefusalLimiter.TryEnter())
        {
            LogRefused(queue.Target.Logger, record.HostNqn ?? "(unknown)", queue.RemoteAddress, record.QueueId.Value,
                record.SubsystemNqn ?? "(unknown)", refusal.Detail, refusal.Status, refusal.Remedy);
        }
        queue.OnRefused();
        return refusal.Status;
    }
}
