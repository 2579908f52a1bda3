using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Slots;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Sessions;

namespace ManagedNvmet.Target.Queues;

/// <summary>One queue pair: a connection's command handler, from its Connect to its end. Admission, counting, waiting for limits, draining
/// and stopping are classes of their own; the queue pair moves each command from one to the next.</summary>
/// <remarks>Belongs to the thread of its connection. Members for other threads say so; they post to the connection's scheduler.</remarks>
public sealed class QueuePair : QueueEnvironment, ICommandHandler
{
    private static readonly Action<object?> DrainPosted = static state =>
    {
        var (queue, drain) = (Tuple<QueuePair, CommandDrain>)state!;
        queue.Commands.Drain(drain);
    };

    private static readonly Action<object?> ClosePosted = static state =>
    {
        var (queue, reason) = (Tuple<QueuePair, CloseReason>)state!;
        if (queue.IsOpen)
            queue.Connection.Close(reason);
    };

    private static readonly Action<object?> StopPosted = static state => ((QueuePair)state!).Stop(CloseReason.ServerStopping);

    private readonly QueueStop _stop;
    private QueueState _state;
    private DateTimeOffset _connectedSince;
    private bool _wasRefused;
    private long _deadline = long.MaxValue;
    private bool _isDrained;
    private (QueuedCommand Connect, Controller Ending)? _wait;
    private long _waitDeadline = long.MaxValue;
    private volatile Namespace? _hanging;

    internal QueuePair(NvmeTarget target, ControllerConnection connection)
    {
        Target = target;
        Connection = connection;
        Commands = new CommandPipeline(this);
        _stop = new QueueStop(this);
    }

    /// <summary>The controller that the queue belongs to, once Connect has succeeded.</summary>
    public Controller? Controller { get; private set; }

    /// <inheritdoc/>
    public long Deadline
    {
        get
        {
            long soonest = Math.Min(Math.Min(_deadline, _stop.Deadline), Math.Min(_waitDeadline, Commands.Deadline));
            return Id == 0 && Controller is { } controller ? Math.Min(soonest, controller.Deadline) : soonest;
        }
    }

    /// <inheritdoc/>
    public int ParkedCommands => Commands.ThrottledCount + (Id == 0 && Controller is { } controller ? controller.Events.RequestCount : 0);

    /// <summary>SQSIZE + 1, once Connect has succeeded.</summary>
    public int Entries { get; private set; }

    /// <summary>The port that the connection came in by, as ports are now; null when there is none.</summary>
    public Port? Port => Target.FindPort(Connection.LocalEndPoint);

    /// <inheritdoc/>
    public QueueIdentity? Identity => Controller is not { } controller ? null : new QueueIdentity
    {
        HostNqn = controller.HostNqn,
        HostId = new Guid(controller.HostId, bigEndian: true),
        SubsystemNqn = controller.Subsystem.Nqn,
        ControllerId = controller.Id,
        QueueId = Id,
        Entries = Entries,
        KeepAliveMilliseconds = Id == 0 ? controller.KeepAliveMilliseconds : 0,
    };

    internal NvmeTarget Target { get; }

    internal ControllerConnection Connection { get; }

    /// <summary>False when the connection is over.</summary>
    internal bool IsOpen => _state != QueueState.Closed;

    /// <summary>True before the Connect has succeeded.</summary>
    internal bool IsWaitingForConnect => _state == QueueState.WaitConnect;

    /// <summary>The namespace of a command that still ran when the queue was closed; null for none. From any thread.</summary>
    internal Namespace? Hanging => _hanging;

    /// <summary>The commands of the queue.</summary>
    internal CommandPipeline Commands { get; }

    /// <summary>True when new commands are held and never answered: the association is ending, and the host sends them again on its next
    /// connection. An answer could only be an error, and hosts count those.</summary>
    internal bool HoldsCommands =>
        _state == QueueState.Stopping || Controller is { State: ControllerState.Failed or ControllerState.Closed };

    /// <summary>The host's address, for the log.</summary>
    internal string RemoteAddress => Connection.RemoteEndPoint?.ToString() ?? "this process";

    /// <inheritdoc/>
    public void OnCommand(CommandSlot slot) => Commands.OnCommand(slot);

    /// <inheritdoc/>
    public void OnExecute(CommandSlot slot) => Commands.OnExecute(slot);

    /// <inheritdoc/>
    public bool TryWithdraw(CommandSlot earlier) => Commands.TryWithdraw(earlier);

    /// <inheritdoc/>
    public NvmeStatus OnFailed(CommandSlot slot, NvmeStatus status) => Commands.OnFailed(slot, status);

    /// <inheritdoc/>
    public void OnSending() => Commands.Accounting?.CountRound();

    /// <inheritdoc/>
    public void OnLentDataReturned(CommandSlot slot) => Commands.OnLentDataReturned(slot);

    /// <inheritdoc/>
    public void OnClosed(CloseReason reason)
    {
        if (_state == QueueState.Closed)
            return;
        if (reason == CloseReason.ProtocolError)
            Target.TransportErrors.Add(Connection.Error.Status);
        if (!_wasRefused || reason != CloseReason.HandshakeTimeout)
        {
            if (ProtocolRefusals.Of(Connection, reason, Controller, Id) is { } refusal)
                Target.Refusals.Add(refusal);
        }
        _state = QueueState.Closed;
        _deadline = long.MaxValue;
        _waitDeadline = long.MaxValue;
        Commands.OnClosed();
        _hanging = Commands.FindExecutingNamespace();
        _stop.OnClosed();
        if (Id == 0)
            Controller?.OnAdminQueueClosed();
        Commands.AfterFinish();
    }

    /// <inheritdoc/>
    public void OnTimer(long now)
    {
        if (now >= _deadline)
        {
            _deadline = long.MaxValue;
            if (IsWaitingForConnect)
                Connection.CloseAfterSending(CloseReason.Refused);
        }
        if (now >= _waitDeadline)
        {
            _waitDeadline = long.MaxValue;
            if (_wait is { } wait)
                ConnectExecution.StopWaiting(wait.Connect, wait.Ending);
        }
        _stop.OnTimer(now);
        Commands.OnTimer(now);
        if (Id == 0 && IsOpen)
            Controller?.OnTimer(now);
    }

    /// <summary>Makes this a queue of a controller.</summary>
    internal void Join(Controller controller, int queueId, int entries)
    {
        Controller = controller;
        Id = queueId;
        Entries = entries;
        _connectedSince = Target.Time.GetUtcNow();
        _state = QueueState.Live;
        _deadline = long.MaxValue;
        _waitDeadline = long.MaxValue;
        _wait = null;
        Commands.Join(controller);
    }

    /// <summary>Makes a Connect wait for the end of an earlier association, for half of the hand-shake time: the host is to hear the reason
    /// before its connection is closed.</summary>
    internal void WaitFor(Controller ending, QueuedCommand connect)
    {
        _wait = (connect, ending);
        if (_waitDeadline == long.MaxValue)
        {
            _waitDeadline = Connection.Scheduler.Now + Connection.Limits.HandshakeMilliseconds / 2;
            Connection.DeadlineChanged();
        }
        ending.RetryAtEnd(connect);
    }

    /// <summary>Gives a host whose Connect was refused some time to try again or to close the connection.</summary>
    internal void OnRefused()
    {
        _wasRefused = true;
        if (_deadline != long.MaxValue)
            return;
        _deadline = Connection.Scheduler.Now + Connection.Limits.HandshakeMilliseconds;
        Connection.DeadlineChanged();
    }

    /// <summary>Makes this queue take part in a drain. From any thread.</summary>
    internal void PostDrain(CommandDrain drain)
    {
        drain.Add();
        Connection.Scheduler.Post(DrainPosted, Tuple.Create(this, drain));
    }

    /// <summary>Closes the connection, soon. From any thread.</summary>
    internal void PostClose(CloseReason reason) => Connection.Scheduler.Post(ClosePosted, Tuple.Create(this, reason));

    /// <summary>Closes the connection when the commands that have begun have ended. From any thread.</summary>
    internal void PostStop() => Connection.Scheduler.Post(StopPosted, this);

    /// <summary>Closes the connection when the commands that have begun have ended.</summary>
    internal void Stop(CloseReason reason)
    {
        if (!IsOpen)
            return;
        if (IsWaitingForConnect)
        {
            Connection.CloseAfterSending(reason);
            return;
        }
        _state = QueueState.Stopping;
        Commands.BeginRareWork();
        _stop.Begin(reason);
    }

    /// <summary>Looks again whether a queue that stops may close.</summary>
    internal void ContinueStopping()
    {
        if (_state == QueueState.Stopping)
            _stop.Continue();
    }

    /// <summary>A command has ended while the queue stops, or is closed.</summary>
    /// <returns>True when the end of further commands is to be told, too.</returns>
    internal bool OnCommandEnded()
    {
        if (_state == QueueState.Stopping)
            _stop.Continue();
        else if (_state == QueueState.Closed && Commands.IsIdle && !_isDrained)
            EndForGood();
        return _state is QueueState.Stopping or QueueState.Closed;
    }

    /// <summary>The queue as it is now. From any thread.</summary>
    internal SessionQueue GetSnapshot() => new(
        Id, Entries, Connection.OutstandingCommands, _connectedSince, Connection.LocalEndPoint, Connection.RemoteEndPoint);

    internal override NvmeStatus AdmitConnect(CommandContext context) => ConnectExecution.Admit((QueuedCommand)context);

    internal override void Connect(CommandContext context) => ConnectExecution.Execute((QueuedCommand)context);

    internal override void Disconnect(CommandContext context)
    {
        _stop.SetDisconnect((QueuedCommand)context);
        Commands.AbortPending(NvmeStatus.AbortedBySubmissionQueueDeletion);
        Stop(CloseReason.AssociationEnded);
    }

    internal override bool TryAbort(ushort commandId) => _state == QueueState.Live && Commands.TryAbort(commandId);

    internal override void Post(Action<object?> work, object state) => Connection.Scheduler.Post(work, state);

    private void EndForGood()
    {
        _isDrained = true;
        Commands.Accounting?.End(Target.Statistics);
        if (Id == 0)
            Controller?.OnAdminQueueDrained();
        else
            Controller!.OnIoQueueDrained(this);
        Target.Forget(this);
    }
}
