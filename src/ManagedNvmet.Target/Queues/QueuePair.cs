using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Slots;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Commands.Fabrics;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Health;
using ManagedNvmet.Target.Logging;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Ports;

namespace ManagedNvmet.Target.Queues;

/// <summary>One queue pair: a connection's command handler, from its Connect to its end.</summary>
/// <remarks>Belongs to the thread of its connection. What other threads may call says so; it goes through the connection's scheduler.</remarks>
public sealed partial class QueuePair : ICommandHandler
{
    private static readonly Action<object?> DrainPosted = static state =>
    {
        var (queue, drain) = (Tuple<QueuePair, CommandDrain>)state!;
        queue.Drain(drain);
    };

    private readonly List<CommandContext> _contexts = [];
    private readonly List<CommandDrain> _drains = [];
    private CommandTable _commands = CommandTables.Admin;
    private QueueState _state;
    private DateTimeOffset _connectedSince;
    private bool _wasRefused;
    private CommandContext? _disconnect;
    private CloseReason _stopReason;
    private long _deadline = long.MaxValue;
    private int _executing;
    private int _lending;
    private bool _hasRareWork;
    private bool _isDrained;
    private volatile bool _isActive;

    internal QueuePair(NvmeTarget target, ControllerConnection connection)
    {
        Target = target;
        Connection = connection;
    }

    /// <summary>The controller that the queue belongs to, once Connect has succeeded.</summary>
    public Controller? Controller { get; private set; }

    /// <summary>QID: 0 for the admin queue.</summary>
    public int Id { get; private set; }

    /// <inheritdoc/>
    public long Deadline => Id == 0 && Controller is { } controller ? Math.Min(_deadline, controller.Deadline) : Math.Min(_deadline, _throttleDeadline);

    /// <inheritdoc/>
    public int ParkedCommands => (_throttled?.Count ?? 0) + (Id == 0 && Controller is { } controller ? controller.Events.RequestCount : 0);

    /// <summary>SQSIZE + 1, once Connect has succeeded.</summary>
    public int Entries { get; private set; }

    /// <summary>The port that the connection came in by, as ports are now; null when there is none.</summary>
    public Port? Port => Target.FindPort(Connection.LocalEndPoint);

    internal NvmeTarget Target { get; }

    internal ControllerConnection Connection { get; }

    /// <summary>False when the connection is over. On its thread.</summary>
    internal bool IsOpen => _state != QueueState.Closed;

    /// <summary>What this queue has done, over all namespaces. From any thread.</summary>
    internal HealthTotals Totals => _statistics?.ReadHealth() ?? default;

    /// <summary>Where the host is, for the log.</summary>
    internal string RemoteAddress => Connection.RemoteEndPoint?.ToString() ?? "this process";

    /// <inheritdoc/>
    public void OnCommand(CommandSlot slot)
    {
        CommandContext context = slot.Context is { } known ? (CommandContext)known : Attach(slot);
        context.Command = null;
        context.Namespace = null;
        context.Throttles = null;
        context.DataPlacement = DataPlacement.Buffered;
        context.FailureResult = 0;
        context.HasVisited = false;
        context.StartedAt = Connection.ReceivedAt;
        context.IsHeld = false;
        if (!_isActive)
            _isActive = true;

        if (_state == QueueState.Stopping || Controller is { State: ControllerState.Failed or ControllerState.Closed })
        {
            Hold(context);
            return;
        }
        NvmeStatus status = TryAdmit(context);
        if (!status.IsSuccess)
            Finish(context, status, 0);
        else if (context.Throttles is null || slot.HasInCapsuleData || TryPass(context))
            Accept(context);
    }

    /// <inheritdoc/>
    public void OnExecute(CommandSlot slot)
    {
        var context = (CommandContext)slot.Context!;
        if (_state == QueueState.Closed)
        {
            slot.Complete(NvmeStatus.AbortedBySubmissionQueueDeletion);
            return;
        }
        if (context.Command is not { } command)
        {
            context.IsHeld = true;
            return;
        }
        if (context.Throttles is null || TryPass(context))
            Execute(context, command);
    }

    /// <inheritdoc/>
    /// <remarks>SPDK's host forgets its Asynchronous Event Requests when it detaches, and uses their identifiers again.</remarks>
    public bool TryWithdraw(CommandSlot earlier)
    {
        if (Id != 0 || earlier.Context is not CommandContext context || !Controller!.Events.TryWithdraw(context))
            return false;
        Target.TransportErrors.AddWithdrawnEventRequest();
        context.IsExecuting = false;
        _executing--;
        earlier.Withdraw();
        return true;
    }

    /// <inheritdoc/>
    public NvmeStatus OnFailed(CommandSlot slot, NvmeStatus status)
    {
        // The connection has no other use for this status.
        if (status.IsSameCode(NvmeStatus.TransientTransportError))
            Target.TransportErrors.AddDataDigestError();
        return NoteError(slot.Entry, status);
    }

    /// <inheritdoc/>
    public void OnClosed(CloseReason reason)
    {
        if (_state == QueueState.Closed)
            return;
        if (reason == CloseReason.ProtocolError)
            Target.TransportErrors.Add(Connection.Error.Status);
        NoteProtocolRefusal(reason);
        _state = QueueState.Closed;
        _deadline = long.MaxValue;
        _hasRareWork = true;
        EndThrottled(static _ => true, NvmeStatus.AbortedBySubmissionQueueDeletion);
        foreach (CommandContext context in _contexts)
        {
            // Held commands are with us, as far as the connection knows.
            if (!context.IsHeld)
                continue;
            context.IsHeld = false;
            context.Slot.Complete(NvmeStatus.AbortedBySubmissionQueueDeletion);
        }

        // Nobody waits for the answer to a Disconnect any more, and it would wait for itself.
        if (_disconnect is { } last)
        {
            _disconnect = null;
            Finish(last, NvmeStatus.AbortedBySubmissionQueueDeletion, 0);
        }
        if (Id == 0)
            Controller?.OnAdminQueueClosed();
        AfterFinish();
    }

    /// <inheritdoc/>
    public void OnTimer(long now)
    {
        if (now >= _deadline)
        {
            if (_state == QueueState.Stopping)
            {
                _deadline = now + StopPollMilliseconds;
                ContinueStopping();
            }
            else
            {
                _deadline = long.MaxValue;
                if (_state == QueueState.WaitConnect)
                    Connection.CloseAfterSending(CloseReason.Refused);
            }
        }
        if (now >= _throttleDeadline)
            TakeThrottleTurn(now);
        if (Id == 0 && _state != QueueState.Closed)
            Controller?.OnTimer(now);
    }

    internal void Finish(CommandContext context, NvmeStatus status, ulong result)
    {
        if (!status.IsSuccess)
        {
            result = context.FailureResult;
            status = NoteError(context.Entry, status);
        }
        if (context.IsExecuting)
        {
            CountEnd(context, status);
            context.IsExecuting = false;
            _executing--;
        }
        context.Namespace = null;
        context.Slot.Complete(status, result);
        if (_hasRareWork)
            AfterFinish();
    }

    /// <summary>Logs that a device failed a command. From any thread.</summary>
    internal void NoteDeviceError(CommandContext context, NvmeStatus status)
    {
        if (DeviceErrorLog.IsDeviceError(status) && context.Namespace is { } used && Controller is { } controller)
            Target.DeviceErrors.Add(controller.Subsystem.Nqn, used.Id, used.Device, context.Operation, status);
    }

    internal void ReportDeviceFailure(CommandContext context, Exception exception)
    {
        if (Target.Limiter.TryEnter())
        {
            LogDeviceThrew(Target.Logger, exception, context.Namespace?.Id ?? 0, Controller?.Subsystem.Nqn, context.Operation);
        }
    }

    /// <summary>From now on this is a queue of a controller.</summary>
    internal void Join(Controller controller, int queueId, int entries)
    {
        Controller = controller;
        Id = queueId;
        Entries = entries;
        _connectedSince = Target.Time.GetUtcNow();
        _commands = queueId == 0 ? CommandTables.AdminOf(controller.IsDiscovery) : CommandTables.Nvm;
        _state = QueueState.Live;
        _deadline = long.MaxValue;
        if (queueId != 0)
        {
            _statistics = Target.Statistics.Attach(controller.HostNqn, controller.Subsystem.Nqn);
            controller.Subsystem.Health.Attach(_statistics);
        }
    }

    /// <summary>A Connect was refused: the host has a while to try again or to close the connection.</summary>
    internal void OnRefused()
    {
        _wasRefused = true;
        if (_deadline != long.MaxValue)
            return;
        _deadline = Connection.Scheduler.Now + Connection.Limits.HandshakeMilliseconds;
        Connection.DeadlineChanged();
    }

    /// <summary>A command came since <see cref="TakeActivity"/> was last called. From any thread.</summary>
    internal bool IsActive => _isActive;

    /// <summary>Says whether a command came since the last call. From any thread.</summary>
    internal bool TakeActivity()
    {
        bool wasActive = _isActive;
        _isActive = false;
        return wasActive;
    }

    /// <summary>Ends the command of this identifier if it has not been started.</summary>
    internal bool TryAbort(ushort commandId)
    {
        if (_state != QueueState.Live || Connection.Find(commandId)?.Context is not CommandContext context)
            return false;
        if (TryEndThrottled(context, NvmeStatus.CommandAborted))
            return true;
        return context.IsExecuting
            ? Id == 0 && Controller!.Events.TryAbort(context)
            : context.Slot.TryAbort(NvmeStatus.CommandAborted);
    }

    /// <summary>Ends every command that waits for a buffer or for data.</summary>
    internal void AbortPending(NvmeStatus status)
    {
        EndThrottled(static _ => true, status);
        foreach (CommandContext context in _contexts)
        {
            if (context.Slot.IsPending)
                context.Slot.TryAbort(status);
        }
    }

    /// <summary>Asks this queue to have done with a device. From any thread.</summary>
    internal void PostDrain(CommandDrain drain)
    {
        drain.Add();
        Connection.Scheduler.Post(DrainPosted, Tuple.Create(this, drain));
    }

    private void Execute(CommandContext context, Command command)
    {
        context.IsExecuting = true;
        if (_executing++ == 0 && !_hasEnds)
            _busySince = context.StartedAt;
        try
        {
            command.Execute(context);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            ReportDefect(context, exception);
            if (context.IsExecuting)
                Finish(context, NvmeStatus.InternalError, 0);
        }
    }

    private CommandContext Attach(CommandSlot slot)
    {
        var context = new CommandContext(this, slot);
        slot.Context = context;
        _contexts.Add(context);
        return context;
    }

    /// <summary>Takes a command of an association that is ending, and never answers it: the host sends it again on its next
    /// connection. An answer could only be an error, and hosts count those.</summary>
    private void Hold(CommandContext context)
    {
        if (!context.Slot.SglStatus.IsSuccess)
        {
            context.Slot.Complete(NvmeStatus.AbortedBySubmissionQueueDeletion);
            return;
        }
        context.Slot.Accept();
    }

    private NvmeStatus TryAdmit(CommandContext context)
    {
        try
        {
            return Admit(context);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            ReportDefect(context, exception);
            return NvmeStatus.InternalError;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private NvmeStatus Admit(CommandContext context)
    {
        ref readonly SubmissionEntry entry = ref context.Entry;
        if (entry.IsFabrics)
            return AdmitFabrics(context, entry.FabricsType);
        if (Controller is not { } controller || controller.State != ControllerState.Ready)
            return NvmeStatus.CommandSequenceError;

        if (_commands[entry.Opcode] is not { } command)
            return NvmeStatus.InvalidOpcode;
        context.Command = command;
        if (!context.Slot.SglStatus.IsSuccess)
            return context.Slot.SglStatus;

        // FUSE: fused operations are not supported.
        if ((entry.Flags & 3) != 0)
            return NvmeStatus.InvalidField;
        if (command.NamespaceUse != NamespaceUse.None)
        {
            const uint all = 0xFFFF_FFFF;
            uint namespaceId = entry.NamespaceId;
            if (namespaceId != all || command.NamespaceUse == NamespaceUse.One)
            {
                if (controller.View.Find(namespaceId) is not { } found)
                    return NvmeStatus.InvalidNamespace;
                context.Namespace = found.Namespace;
                if (!found.PathStatus.IsSuccess)
                    return found.PathStatus;
                if (found.IsWriteProtected && command.ModifiesMedium)
                    return NvmeStatus.NamespaceWriteProtected;
                if (found.Throttles is not null && command.IsThrottled)
                    context.Throttles = found.Throttles;
            }
        }
        return command.Admit(context);
    }

    private NvmeStatus AdmitFabrics(CommandContext context, byte fabricsType)
    {
        var command = CommandTables.Fabrics[fabricsType] as FabricsCommand;
        if (Controller is not { } controller)
        {
            if (command is not ConnectCommand)
                return NvmeStatus.CommandSequenceError;
        }
        else
        {
            if (command is null || (controller.IsDiscovery && !command.IsForDiscovery))
                return NvmeStatus.InvalidOpcode;
            if (command is ConnectCommand)
                return NvmeStatus.CommandSequenceError;

            // A queue that has to authenticate goes no further than here with anything but Authentication Send and Receive.
            if (Id != 0 && !command.IsForIoQueue)
                return NvmeStatus.InvalidField;
        }
        context.Command = command;
        NvmeStatus sglStatus = context.Slot.SglStatus;
        return sglStatus.IsSuccess ? command.Admit(context)
            : command is ConnectCommand ? ConnectCommand.MalformedSgl(context, sglStatus)
            : sglStatus;
    }

    private NvmeStatus NoteError(in SubmissionEntry entry, NvmeStatus status)
    {
        // Connect has no entry in the error log, by the specification; what was ended on purpose is no error.
        bool isConnect = entry.IsFabrics && entry.FabricsType == ConnectCommand.FabricsType;
        if (isConnect || Controller is not { } controller || status.IsSameCode(NvmeStatus.CommandAborted)
            || status.IsSameCode(NvmeStatus.AbortedBySubmissionQueueDeletion))
        {
            return status;
        }
        status = status.WithMore();
        controller.Errors.Add(Id, entry, status);
        return status;
    }

    private void ReportDefect(CommandContext context, Exception exception)
    {
        if (Target.Limiter.TryEnter())
        {
            LogDefect(Target.Logger, exception, context.Command?.Name ?? "a command", context.Entry.Opcode, Id,
                LogText.Escape(Controller?.HostNqn.Text ?? ""), RemoteAddress);
        }
        if (Controller is { } controller)
            controller.Fail(CloseReason.InternalError);
        else
            PostClose(CloseReason.InternalError);
    }

    private void AfterFinish()
    {
        if (_drains.Count > 0)
            CheckDrains();
        if (_state == QueueState.Stopping)
            ContinueStopping();
        else if (_state == QueueState.Closed && _executing == 0 && !_isDrained)
            EndForGood();
        else
            _hasRareWork = _state == QueueState.Closed || _drains.Count > 0;
    }
}
