using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Slots;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Commands.Fabrics;
using ManagedNvmet.Target.Commands.Tables;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Health;
using ManagedNvmet.Target.Logging;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Queues;

/// <summary>The commands of one queue: checks each, lets it wait for limits, executes it, counts it and completes it.</summary>
/// <remarks>Belongs to the queue's thread, but for the members that say otherwise.</remarks>
internal sealed partial class CommandPipeline(QueuePair queue)
{
    // One for each slot that was ever used.
    private readonly List<QueuedCommand> _commands = [];
    private readonly QueueDrains _drains = new();
    private CommandTable _table = CommandTables.Admin;
    private QueueThrottle? _throttle;
    private int _executing;
    private int _lending;

    // True while the end of a command has consequences beyond the command: for a drain, a stop, or the end of the queue.
    private bool _hasRareWork;
    private volatile bool _isActive;

    /// <summary>Counts the commands of an I/O queue; null for an admin queue, and before Connect.</summary>
    public QueueAccounting? Accounting { get; private set; }

    /// <summary>Sums over the commands of this queue. From any thread.</summary>
    public HealthTotals Totals => Accounting?.Totals ?? default;

    /// <summary>When <see cref="OnTimer"/> is due, in milliseconds of the queue's clock.</summary>
    public long Deadline => _throttle?.Deadline ?? long.MaxValue;

    /// <summary>Commands that wait because of a limit.</summary>
    public int ThrottledCount => _throttle?.Count ?? 0;

    /// <summary>Commands that execute, without those whose lent data is still being sent.</summary>
    public int Executing => _executing - _lending;

    /// <summary>True when no command executes, and no lent data is still being sent.</summary>
    public bool IsIdle => _executing == 0;

    /// <summary>True when a command waits for a buffer, for data or for a limit.</summary>
    public bool HasPending =>
        ThrottledCount > 0 || _commands.Exists(static context => context.Slot.IsPending && context.Command is not null);

    /// <summary>True when a command came since <see cref="TakeActivity"/> was last called. From any thread.</summary>
    public bool IsActive => _isActive;

    private ControllerConnection Connection => queue.Connection;

    /// <summary>A command capsule has arrived.</summary>
    public void OnCommand(CommandSlot slot)
    {
        QueuedCommand context = slot.Context is { } known ? (QueuedCommand)known : Attach(slot);
        context.Reset(Connection.ReceivedAt);
        if (!_isActive)
            _isActive = true;
        if (queue.HoldsCommands)
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

    /// <summary>An accepted command has its buffer and its data.</summary>
    public void OnExecute(CommandSlot slot)
    {
        var context = (QueuedCommand)slot.Context!;
        if (!queue.IsOpen)
            slot.Complete(NvmeStatus.AbortedBySubmissionQueueDeletion);
        else if (context.Command is not { } command)
            context.IsHeld = true;
        else if (context.Throttles is null || TryPass(context))
            Execute(context, command);
    }

    /// <summary>Forgets an Asynchronous Event Request whose identifier the host uses again: SPDK's host does so when it detaches.</summary>
    public bool TryWithdraw(CommandSlot earlier)
    {
        if (queue.Id != 0 || earlier.Context is not QueuedCommand context || !queue.Controller!.Events.TryWithdraw(context))
            return false;
        queue.Target.TransportErrors.AddWithdrawnEventRequest();
        context.IsExecuting = false;
        _executing--;
        earlier.Withdraw();
        return true;
    }

    /// <summary>The connection ends a command that was never executed.</summary>
    public NvmeStatus OnFailed(CommandSlot slot, NvmeStatus status)
    {
        // The connection uses this status for a wrong data digest alone.
        if (status.IsSameCode(NvmeStatus.TransientTransportError))
            queue.Target.TransportErrors.AddDataDigestError();

        // A command with an identifier in use never came here, and the context is that of the slot's last command.
        bool isKnown = slot.Context is not null && !status.IsSameCode(NvmeStatus.CommandIdConflict);
        return End(isKnown ? (QueuedCommand)slot.Context! : null, slot.Entry, status);
    }

    /// <summary>Lent data is not read any more.</summary>
    public void OnLentDataReturned(CommandSlot slot)
    {
        var context = (QueuedCommand)slot.Context!;
        context.IsLending = false;
        context.IsExecuting = false;
        context.Namespace = null;
        _lending--;
        _executing--;
        if (_hasRareWork)
            AfterFinish();
    }

    /// <summary>Completes a command that the target ends, executed or refused.</summary>
    public void Finish(QueuedCommand context, NvmeStatus status, ulong result)
    {
        if (!status.IsSuccess)
        {
            result = context.FailureResult;
            status = End(context, context.Entry, status);
        }
        else if (context.IsExecuting)
        {
            Accounting?.CountExecuted(context, status);
        }
        if (context.IsExecuting)
        {
            context.IsExecuting = false;
            _executing--;
        }
        context.Namespace = null;
        context.Slot.Complete(status, result);
        if (_hasRareWork)
            AfterFinish();
    }

    /// <summary>Completes a read whose data lies in memory of its device. It counts as executing until the data is sent.</summary>
    public void FinishWithLentData(QueuedCommand context, ReadOnlyMemory<byte> data)
    {
        Accounting?.CountExecuted(context, NvmeStatus.Success);
        context.IsLending = true;
        _lending++;
        context.Slot.CompleteWithLentData(data);
        if (_hasRareWork)
            AfterFinish();
    }

    /// <summary>Logs that a device failed a command. From any thread.</summary>
    public void NoteDeviceError(QueuedCommand context, NvmeStatus status)
    {
        if (DeviceErrorLog.IsDeviceError(status) && context.Namespace is { } used && queue.Controller is { } controller)
            queue.Target.DeviceErrors.Add(controller.Subsystem.Nqn, used.Id, used.Device, context.Operation, status);
    }

    /// <summary>Logs that a device threw.</summary>
    public void ReportDeviceFailure(QueuedCommand context, Exception exception)
    {
        if (queue.Target.Limiter.TryEnter())
            LogDeviceThrew(queue.Target.Logger, exception, context.Namespace?.Id ?? 0, queue.Controller?.Subsystem.Nqn, context.Operation);
    }

    /// <summary>The queue has become one of a controller.</summary>
    public void Join(Controller controller)
    {
        bool isAdmin = queue.Id == 0;
        _table = isAdmin ? controller.Commands.Admin : controller.Commands.Io;
        foreach (QueuedCommand context in _commands)
            context.Controller = controller;
        if (isAdmin)
            return;
        QueueStatistics statistics = queue.Target.Statistics.Attach(controller.HostNqn, controller.Subsystem.Nqn);
        controller.Subsystem.Health.Attach(statistics);
        Accounting = new QueueAccounting(statistics, controller.Subsystem.Health, Connection);
    }

    /// <summary>Says whether a command came since the last call. From any thread.</summary>
    public bool TakeActivity()
    {
        bool wasActive = _isActive;
        _isActive = false;
        return wasActive;
    }

    /// <summary>Aborts the command of this identifier if it has not begun, or waits for an event.</summary>
    public bool TryAbort(ushort commandId)
    {
        if (Connection.Find(commandId)?.Context is not QueuedCommand context)
            return false;
        if (TryAbortThrottled(context, NvmeStatus.CommandAborted))
            return true;
        return context.IsExecuting
            ? queue.Id == 0 && queue.Controller!.Events.TryAbort(context)
            : context.Slot.TryAbort(NvmeStatus.CommandAborted);
    }

    /// <summary>Aborts every command that waits for a limit, a buffer or data.</summary>
    public void AbortPending(NvmeStatus status)
    {
        AbortThrottled(null, status);
        foreach (QueuedCommand context in _commands)
        {
            if (context.Slot.IsPending)
                context.Slot.TryAbort(status);
        }
    }

    /// <summary>Takes part in a drain.</summary>
    public void Drain(CommandDrain drain)
    {
        AbortThrottled(drain, drain.Status);
        _drains.Begin(drain, _commands);
        _hasRareWork = true;
        _drains.Check(_commands);
    }

    /// <summary>The queue is closed: nothing waits any more, and held commands are let go.</summary>
    public void OnClosed()
    {
        _hasRareWork = true;
        AbortThrottled(null, NvmeStatus.AbortedBySubmissionQueueDeletion);
        foreach (QueuedCommand context in _commands)
        {
            // The connection counts held commands as executing.
            if (!context.IsHeld)
                continue;
            context.IsHeld = false;
            context.Slot.Complete(NvmeStatus.AbortedBySubmissionQueueDeletion);
        }
    }

    /// <summary>The namespace of a command that executes, or null.</summary>
    public Namespace? FindExecutingNamespace() =>
        _commands.Find(static context => context.IsExecuting && context.Namespace is not null)?.Namespace;

    /// <summary>Executes the commands that a limit lets go now.</summary>
    public void OnTimer(long now)
    {
        if (_throttle is not { } throttle || now < throttle.Deadline)
            return;
        throttle.BeginTurn(now);
        int position = 0;
        while (throttle.TryTake(ref position) is { } context)
        {
            if (context.Slot.HasInCapsuleData)
                Execute(context, context.Command!);
            else
                Accept(context);
        }
        throttle.EndTurn(now);
        if (_hasRareWork)
            AfterFinish();
    }

    /// <summary>Tells the queue of every command that ends from now on.</summary>
    public void BeginRareWork() => _hasRareWork = true;

    /// <summary>Does what the end of a command leads to beyond the command.</summary>
    public void AfterFinish()
    {
        if (!_drains.IsEmpty)
            _drains.Check(_commands);
        _hasRareWork = queue.OnCommandEnded() || !_drains.IsEmpty;
    }

    private QueuedCommand Attach(CommandSlot slot)
    {
        var context = new QueuedCommand(queue, slot) { Controller = queue.Controller };
        slot.Context = context;
        _commands.Add(context);
        return context;
    }

    // Takes a command that will never be answered. The connection still receives its data, so that the stream goes on.
    private static void Hold(QueuedCommand context)
    {
        if (context.Slot.SglStatus.IsSuccess)
            context.Slot.Accept();
        else
            context.Slot.Complete(NvmeStatus.AbortedBySubmissionQueueDeletion);
    }

    // A command that may have to wait cannot leave its data in the block that it was received into.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accept(QueuedCommand context) =>
        context.Slot.Accept(context.Throttles is null ? context.DataPlacement : DataPlacement.Buffered);

    private NvmeStatus TryAdmit(QueuedCommand context)
    {
        try
        {
            return context.Entry.IsFabrics
                ? CommandAdmission.CheckFabrics(context, queue.Controller)
                : CommandAdmission.Check(context, queue.Controller, _table);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            ReportDefect(context, exception);
            return NvmeStatus.InternalError;
        }
    }

    private void Execute(QueuedCommand context, Command command)
    {
        context.IsExecuting = true;
        if (_executing++ == 0)
            Accounting?.BeginBusy(context.StartedAt);
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

    private bool TryPass(QueuedCommand context) => (_throttle ??= new QueueThrottle(Connection)).TryPass(context);

    private bool TryAbortThrottled(QueuedCommand context, NvmeStatus status)
    {
        if (_throttle is null || !_throttle.TryRemove(context))
            return false;
        Finish(context, status, 0);
        return true;
    }

    // The commands that a limit holds back: those of a drain, or all.
    private void AbortThrottled(CommandDrain? drain, NvmeStatus status)
    {
        if (ThrottledCount == 0)
            return;
        foreach (QueuedCommand context in _commands)
        {
            if (context.Throttles is not null && (drain is null || drain.Concerns(context)))
                TryAbortThrottled(context, status);
        }
    }

    // Every command that fails comes through here once: counts it, and notes it in the error log of its controller.
    private NvmeStatus End(QueuedCommand? context, in SubmissionEntry entry, NvmeStatus status)
    {
        if (context is { IsExecuting: true })
            Accounting?.CountExecuted(context, status);
        else if (context is not null)
            Accounting?.CountRefused(context, status);

        // Base Specification, "Error Information": Connect has no entry there; an abort that was asked for is no error.
        bool isConnect = entry.IsFabrics && entry.FabricsType == ConnectCommand.FabricsType;
        if (isConnect || queue.Controller is not { } controller || status.IsSameCode(NvmeStatus.CommandAborted)
            || status.IsSameCode(NvmeStatus.AbortedBySubmissionQueueDeletion))
        {
            return status;
        }
        status = status.WithMore();
        controller.Errors.Add(queue.Id, entry, status);
        return status;
    }

    private void ReportDefect(QueuedCommand context, Exception exception)
    {
        if (queue.Target.Limiter.TryEnter())
        {
            LogDefect(queue.Target.Logger, exception, context.Command?.Name ?? "a command", context.Entry.Opcode, queue.Id,
                LogText.Escape(queue.Controller?.HostNqn.Text ?? ""), queue.RemoteAddress);
        }
        if (queue.Controller is { } controller)
            controller.Fail(CloseReason.InternalError);
        else
            queue.PostClose(CloseReason.InternalError);
    }
}
