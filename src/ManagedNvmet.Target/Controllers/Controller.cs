using System.Net;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Commands.Tables;
using ManagedNvmet.Target.Discovery;
using ManagedNvmet.Target.Events;
using ManagedNvmet.Target.Logging;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Queues;
using ManagedNvmet.Target.Sessions;
using ManagedNvmet.Target.Subsystems;

namespace ManagedNvmet.Target.Controllers;

/// <summary>One controller of the dynamic controller model: made by a Connect of the admin queue, gone with it.</summary>
/// <remarks>Its state changes on the thread of the admin queue; its I/O queues may belong to other threads, and read <see cref="State"/>
/// only. The lock guards the list of I/O queues, and what must not change while a queue joins; it is never held while a
/// connection is called: what another queue is to do is posted to that queue's thread.</remarks>
public sealed partial class Controller : ControllerEnvironment
{
    private const byte AsyncEventConfigurationId = 0x0B;

    private static readonly Action<object?> DeliverPosted = static state => ((Controller)state!).Events.Deliver();
    private static readonly Action<object?> IoQueuesGonePosted = static state => ((Controller)state!).OnIoQueuesGone();
    private static readonly Action<object?> ShutdownFlushedPosted = static state =>
    {
        var (controller, shutdown) = (Tuple<Controller, ControllerShutdown>)state!;
        controller.FinishShutdown(shutdown);
    };

    private readonly Lock _gate = new();
    private readonly NvmeTarget _target;
    private readonly IoQueueSet _ioQueues;
    private readonly ControllerTimeouts _timeouts;
    private readonly AssociationEnd _end = new();
    private readonly uint _connectKeepAlive;
    private volatile ControllerState _state;
    private ControllerConfiguration _configuration;
    private ControllerShutdown? _shutdown;
    private bool _isAdminQueueDrained;

    internal Controller(NvmeTarget target, Subsystem subsystem, ushort id, QueuePair adminQueue, ConnectFields fields)
        : base(
            id,
            subsystem,
            CommandTables.Of(subsystem.IsDiscovery),
            fields.HostNqn,
            fields.HostId.ToArray(),
            LimitsOf(target, subsystem),
            target.Time)
    {
        _target = target;
        _ioQueues = new IoQueueSet(_gate);
        _timeouts = new ControllerTimeouts(this, target);
        Subsystem = subsystem;
        AdminQueue = adminQueue;
        ConnectedSince = target.Time.GetUtcNow();
        _connectKeepAlive = fields.KeepAliveMilliseconds;
        KeepAliveMilliseconds = _connectKeepAlive;
        SetDefaultEvents();
    }

    /// <summary>The subsystem that the host connected to.</summary>
    public Subsystem Subsystem { get; }

    /// <summary>Where the controller is in its life. From any thread.</summary>
    public ControllerState State => _state;

    /// <inheritdoc/>
    public override int IoQueueCount => _ioQueues.Count;

    internal QueuePair AdminQueue { get; }

    /// <summary>When the Connect of the admin queue succeeded.</summary>
    internal DateTimeOffset ConnectedSince { get; }

    /// <summary>When <see cref="OnTimer"/> is due, on the clock of the admin queue.</summary>
    internal long Deadline => _timeouts.Deadline;

    /// <summary>What a discovery controller tells its host; null until it is asked. Under the lock of
    /// <see cref="DiscoveryService"/>.</summary>
    internal DiscoveryView? Discovery { get; set; }

    internal override HostRegistrations Registrations => _target.Registrations;

    internal override IPAddress? HostAddress => AdminQueue.Connection.RemoteEndPoint?.Address;

    internal override DateTimeOffset Now => _target.Time.GetUtcNow();

    /// <inheritdoc/>
    public override void SetKeepAlive(uint milliseconds)
    {
        KeepAliveMilliseconds = milliseconds;
        _timeouts.Restart();
    }

    /// <inheritdoc/>
    public override void Raise(AsyncEvent happened)
    {
        if (_state == ControllerState.Ready && ((uint)Features.AsyncEventConfiguration & happened.ConfigurationMask) != 0)
            Events.Raise(happened);
    }

    /// <summary>The association as it is now. From any thread; values that other threads are changing may be a little old.</summary>
    public Session GetSession() => SessionSnapshot.Of(this, _timeouts.Timer);

    /// <summary>Connect has succeeded. On the thread of the admin queue.</summary>
    internal void Start()
    {
        if (_target.AssociationLimiter.TryEnter())
        {
            LogCreated(_target.Logger, Id, Subsystem.Nqn, LogText.Escape(HostNqn.Text), AdminQueue.RemoteAddress, _connectKeepAlive);
        }
        _timeouts.Restart();
    }

    internal override bool TryReadProperty(uint offset, int size, out ulong value) =>
        ControllerProperties.TryRead(Limits, _state, _configuration, offset, size, out value);

    internal override NvmeStatus WriteProperty(uint offset, uint value)
    {
        if (offset != PropertyOffset.Configuration)
            return NvmeStatus.InvalidField;
        NvmeStatus status = _configuration.Write(value, _state, out ControllerConfiguration written, out ControllerEvent? happened);
        if (!status.IsSuccess)
            return status;
        ControllerState before = _state;
        lock (_gate)
        {
            _configuration = written;
            if (happened is { } asked && ControllerStateMachine.Next(before, asked) is { } next)
                _state = next;
        }
        if (_state != before)
            OnStateChanged();
        return NvmeStatus.Success;
    }

    internal override QueueEnvironment? FindQueue(int queueId) => _ioQueues.Find(queueId);

    internal override DiscoveryLog ReadDiscoveryLog(bool isPortLocal) => _target.DiscoveryService.LogOf(this, isPortLocal);

    /// <summary>Executes a Connect again when the last command of this controller has ended. From any thread.</summary>
    internal void RetryAtEnd(QueuedCommand connect) => _end.RetryAtEnd(connect);

    /// <summary>Forgets a Connect that waits for the end of this controller. False when it is being executed again. From any
    /// thread.</summary>
    internal bool TryForgetRetry(QueuedCommand connect) => _end.TryForget(connect);

    /// <summary>A namespace on which a command still runs after the end of its queue; null when none is known. From any thread.</summary>
    internal Namespace? FindHanging()
    {
        foreach (QueuePair queue in CopyIoQueues())
        {
            if (queue.Hanging is { } hanging)
                return hanging;
        }
        return AdminQueue.Hanging;
    }

    /// <summary>The I/O queues that are connected now. From any thread.</summary>
    internal QueuePair[] CopyIoQueues() => _ioQueues.Copy();

    /// <summary>Takes an I/O queue, or says why not. On the thread of that queue.</summary>
    internal ConnectRefusal TryAddIoQueue(QueuePair queue, ConnectFields fields)
    {
        // Errors of the host are reported before limits of the target. Only the second check, under the lock, is binding.
        ConnectRefusal refusal = CheckIoQueue(fields);
        if (!refusal.IsRefused)
            refusal = Subsystem.TryAddIoQueue(HostNqn, fields.Entries);
        if (refusal.IsRefused)
            return refusal;
        lock (_gate)
        {
            refusal = CheckIoQueue(fields);
            if (!refusal.IsRefused)
            {
                queue.Join(this, fields.QueueId, fields.Entries);
                _ioQueues.Add(queue);
                return refusal;
            }
        }
        Subsystem.ReleaseIoQueue(HostNqn, fields.Entries);
        return refusal;
    }

    /// <summary>An I/O queue is closed and its last command has ended. On the thread of that queue.</summary>
    internal void OnIoQueueDrained(QueuePair queue)
    {
        Subsystem.ReleaseIoQueue(HostNqn, queue.Entries);
        bool isLast;
        bool isReleasedNow;
        lock (_gate)
        {
            isLast = _ioQueues.Remove(queue) == 0;
            isReleasedNow = isLast && _isAdminQueueDrained;
        }
        if (isReleasedNow)
            Release();
        else if (isLast)
            AdminQueue.Connection.Scheduler.Post(IoQueuesGonePosted, this);
    }

    /// <summary>The admin queue is gone, and with it the association. On its thread.</summary>
    internal void OnAdminQueueClosed()
    {
        TryMove(ControllerEvent.Close);
        _timeouts.Stop();
        Events.Reset(NvmeStatus.AbortedBySubmissionQueueDeletion);
        foreach (QueuePair queue in CopyIoQueues())
            queue.PostClose(CloseReason.AssociationEnded);
    }

    /// <summary>The last command of the admin queue has ended too. On its thread.</summary>
    internal void OnAdminQueueDrained()
    {
        bool isReleasedNow;
        lock (_gate)
        {
            _isAdminQueueDrained = true;
            isReleasedNow = _ioQueues.Count == 0;
        }
        if (isReleasedNow)
            Release();
    }

    /// <summary>A defect of ours was met, or the Keep Alive Timer ran out: CSTS.CFS, and the end of the association. From any
    /// thread.</summary>
    internal void Fail(CloseReason reason)
    {
        TryMove(ControllerEvent.Fail);
        EndAssociation(reason);
    }

    /// <summary>Ends the association: closes its connections. The host may connect again, if it is let in. From any thread.</summary>
    public void EndAssociation() => EndAssociation(CloseReason.AssociationEnded);

    /// <summary>Ends the association because of a change that an operator made. From any thread.</summary>
    internal void EndBecause(string reason)
    {
        if (_target.AssociationLimiter.TryEnter())
            LogEnded(_target.Logger, Id, Subsystem.Nqn, LogText.Escape(HostNqn.Text), AdminQueue.RemoteAddress, reason);
        EndAssociation();
    }

    /// <summary>Closes every connection of the association. From any thread.</summary>
    internal void EndAssociation(CloseReason reason)
    {
        foreach (QueuePair queue in CopyIoQueues())
            queue.PostClose(reason);
        AdminQueue.PostClose(reason);
    }

    /// <summary>Asks every queue to have done with a device. From any thread.</summary>
    internal void Drain(CommandDrain drain)
    {
        foreach (QueuePair queue in CopyIoQueues())
            queue.PostDrain(drain);
        AdminQueue.PostDrain(drain);
    }

    /// <summary>A timer of the association may have run out. On the thread of the admin queue.</summary>
    internal void OnTimer(long now) => _timeouts.OnTimer(now);

    /// <summary>The flushes of a shutdown are done. From any thread.</summary>
    internal void OnShutdownFlushed(ControllerShutdown shutdown) =>
        RunOnAdminThread(ShutdownFlushedPosted, Tuple.Create(this, shutdown));

    /// <summary>Runs work on the thread of the admin queue, at once when the caller is on it. From any thread.</summary>
    internal void RunOnAdminThread(Action<object?> work, object state)
    {
        IConnectionScheduler scheduler = AdminQueue.Connection.Scheduler;
        if (scheduler.IsCurrentThread)
            work(state);
        else
            scheduler.Post(work, state);
    }

    internal void ReportFlushFailure(NvmeStatus status)
    {
        if (_target.Limiter.TryEnter())
            LogFlushFailed(_target.Logger, status, Id, Subsystem.Nqn, LogText.Escape(HostNqn.Text));
    }

    private void OnStateChanged()
    {
        switch (_state)
        {
            case ControllerState.Resetting:
                BeginReset();
                break;
            case ControllerState.ShuttingDown:
                _timeouts.Restart();
                _shutdown = Subsystem.BeginShutdown(this);
                _shutdown.Start(CopyIoQueues());
                break;
            default:
                _timeouts.Restart();
                break;
        }
    }

    private void BeginReset()
    {
        _shutdown = null;
        QueuePair[] queues = CopyIoQueues();
        foreach (QueuePair queue in queues)
            queue.PostClose(CloseReason.AssociationEnded);
        AdminQueue.Commands.AbortPending(NvmeStatus.CommandAborted);

        // Their command identifiers are the host's again, so they are completed rather than forgotten.
        Events.Reset(NvmeStatus.CommandAborted);
        ChangedNamespaces.Clear();
        Features.Reset();
        SetDefaultEvents();
        KeepAliveMilliseconds = _connectKeepAlive;
        if (queues.Length == 0)
            OnIoQueuesGone();
        else
            _timeouts.Restart();
    }

    private void OnIoQueuesGone()
    {
        if (IoQueueCount == 0 && TryMove(ControllerEvent.ResetDone))
        {
            lock (_gate)
                _configuration = default;
            _timeouts.Restart();
        }
        AdminQueue.ContinueStopping();
    }

    private void FinishShutdown(ControllerShutdown ended)
    {
        // A reset may have come in between, and after it a second shutdown with commands and flushes of its own.
        if (_shutdown == ended && TryMove(ControllerEvent.ShutdownDone))
            _timeouts.Restart();
    }

    private bool TryMove(ControllerEvent happened)
    {
        lock (_gate)
        {
            if (ControllerStateMachine.Next(_state, happened) is not { } next)
                return false;
            _state = next;
            return true;
        }
    }

    /// <summary>Says whether a command came on any queue since the last call.</summary>
    internal bool TakeActivity() => AdminQueue.Commands.TakeActivity() | _ioQueues.TakeActivity();

    // A discovery host that connected with a Keep Alive Timeout wants to stay, and to hear of changes without asking for it.
    private void SetDefaultEvents()
    {
        if (IsDiscovery && _connectKeepAlive != 0)
            Features[AsyncEventConfigurationId] = AsyncEvent.DiscoveryLogChanged.ConfigurationMask;
    }

    private protected override void ScheduleDelivery() => RunOnAdminThread(DeliverPosted, this);

    private static TargetLimits LimitsOf(NvmeTarget target, Subsystem subsystem) =>
        subsystem.Limits.MaxIoQueues is { } most
            && most < target.Limits.MaxIoQueues ? target.Limits with { MaxIoQueues = most } : target.Limits;

    private ConnectRefusal CheckIoQueue(ConnectFields fields)
    {
        lock (_gate)
        {
            ConnectRefusal refusal = IoQueueRules.Check(
                fields, HostNqn, HostId, IsDiscovery, _state, _configuration, Features.IoQueuesGranted);
            return !refusal.IsRefused && _ioQueues.Find(fields.QueueId) is not null ? IoQueueRules.QueueInUse() : refusal;
        }
    }

    private void Release()
    {
        Subsystem.Release(this);
        _end.SetEnded();
        if (_target.AssociationLimiter.TryEnter())
            LogReleased(_target.Logger, Id, Subsystem.Nqn, LogText.Escape(HostNqn.Text));
    }
}
