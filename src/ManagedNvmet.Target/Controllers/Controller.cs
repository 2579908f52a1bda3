using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Commands.Fabrics;
using ManagedNvmet.Target.Discovery;
using ManagedNvmet.Target.Events;
using ManagedNvmet.Target.Features;
using ManagedNvmet.Target.Health;
using ManagedNvmet.Target.Logging;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Queues;
using ManagedNvmet.Target.Subsystems;

namespace ManagedNvmet.Target.Controllers;

/// <summary>One controller of the dynamic controller model: made by a Connect of the admin queue, gone with it.</summary>
/// <remarks>Its state changes on the thread of the admin queue; its I/O queues may belong to other threads, and read <see cref="State"/>
/// only. The lock guards the list of I/O queues, and what must not change while a queue joins; it is never held while a
/// connection is called: what another queue is to do is posted to that queue's thread.</remarks>
public sealed partial class Controller : IFeatureOwner
{
    /// <summary>The version of the specification that the target follows, as property VS and Identify Controller VER say it: 2.0.0.</summary>
    public const uint SpecificationVersion = 0x0002_0000;

    private const byte AsyncEventConfigurationId = 0x0B;
    private const int KeepAliveUnitMilliseconds = 100;

    private static readonly Action<object?> DeliverPosted = static state => ((Controller)state!).Events.Deliver();
    private static readonly Action<object?> IoQueuesGonePosted = static state => ((Controller)state!).OnIoQueuesGone();
    private static readonly Action<object?> ShutdownFlushedPosted = static state =>
    {
        var (controller, shutdown) = (Tuple<Controller, ControllerShutdown>)state!;
        controller.FinishShutdown(shutdown);
    };

    private static readonly Action<object?> VisitPosted = static state =>
    {
        var (controller, visits) = (Tuple<Controller, Countdown>)state!;
        controller.AdminQueue.Connection.Scheduler.Post(SecondVisitPosted!, visits);
    };

    private static readonly Action<object?> SecondVisitPosted = static state => ((Countdown)state!).Acknowledge();

    private readonly Lock _gate = new();
    private readonly NvmeTarget _target;
    private readonly ControllerTimer _timer = new();
    private readonly List<QueuePair> _ioQueues = [];
    private readonly byte[] _hostId;
    private readonly uint _connectKeepAlive;
    private volatile NamespaceView _view = NamespaceView.Empty;
    private List<CommandContext>? _waitingForEnd;
    private bool _isReleased;
    private volatile ControllerState _state;
    private volatile int _ioQueueCount;
    private ControllerConfiguration _configuration;
    private ControllerShutdown? _shutdown;
    private bool _isAdminQueueDrained;
    private bool _wasEndedQueueActive;

    internal Controller(NvmeTarget target, Subsystem subsystem, ushort id, QueuePair adminQueue, ConnectFields fields)
    {
        _target = target;
        Id = id;
        Subsystem = subsystem;
        AdminQueue = adminQueue;
        HostNqn = fields.HostNqn;
        _hostId = fields.HostId.ToArray();
        Limits = subsystem.Limits.MaxIoQueues is { } most && most < target.Limits.MaxIoQueues
            ? target.Limits with { MaxIoQueues = most }
            : target.Limits;
        ConnectedSince = target.Time.GetUtcNow();
        _connectKeepAlive = fields.KeepAliveMilliseconds;
        KeepAliveMilliseconds = _connectKeepAlive;
        Features = new FeatureSet(this, target.Time);
        Errors = new ErrorLog(target.Limits.ErrorLogEntries);
        Events = new AsyncEvents(
            target.Limits.MaxAsyncEventRequests,
            static (context, status, result) => context.Finish(status, result),
            ScheduleDelivery);
        SetDefaultEvents();
    }

    /// <summary>CNTLID.</summary>
    public ushort Id { get; }

    /// <summary>The subsystem that the host connected to.</summary>
    public Subsystem Subsystem { get; }

    /// <summary>True for a controller of the discovery subsystem.</summary>
    public bool IsDiscovery => Subsystem.IsDiscovery;

    /// <summary>The host that connected.</summary>
    public Nqn HostNqn { get; }

    /// <summary>HOSTID of the Connect, 16 bytes.</summary>
    public ReadOnlySpan<byte> HostId => _hostId;

    /// <summary>The limits in force.</summary>
    public TargetLimits Limits { get; }

    /// <summary>Where the controller is in its life. From any thread.</summary>
    public ControllerState State => _state;

    /// <summary>I/O queues that are connected now.</summary>
    public int IoQueueCount => _ioQueueCount;

    /// <summary>Keep Alive Timeout in milliseconds, 0 for none.</summary>
    public uint KeepAliveMilliseconds { get; private set; }

    /// <summary>The values of this controller's features.</summary>
    public FeatureSet Features { get; }

    /// <summary>The Error Information log of this controller.</summary>
    public ErrorLog Errors { get; }

    /// <summary>The namespaces that changed since the host last asked.</summary>
    public ChangedNamespaceList ChangedNamespaces { get; } = new();

    /// <summary>The asynchronous events of this controller.</summary>
    public AsyncEvents Events { get; }

    /// <inheritdoc/>
    public bool HasVolatileWriteCache
    {
        get
        {
            foreach (AttachedNamespace each in _view.All)
            {
                if (each.Namespace.Properties.HasVolatileCache)
                    return true;
            }
            return false;
        }
    }

    internal QueuePair AdminQueue { get; }

    /// <summary>The namespaces that this controller has. Changed under the subsystem's lock, read from any thread.</summary>
    internal NamespaceView View
    {
        get => _view;
        set => _view = value;
    }

    /// <summary>When the Connect of the admin queue succeeded.</summary>
    internal DateTimeOffset ConnectedSince { get; }

    /// <summary>When <see cref="OnTimer"/> is due, on the clock of the admin queue.</summary>
    internal long Deadline => _timer.Deadline;

    /// <summary>Abort commands that wait for another thread. On the thread of the admin queue.</summary>
    internal int OutstandingAborts { get; set; }

    /// <summary>What a discovery controller tells its host; null until it is asked. Under the lock of <see cref="DiscoveryService"/>.</summary>
    internal DiscoveryView? Discovery { get; set; }

    /// <summary>Sets the Keep Alive Timeout, in milliseconds; 0 turns the timer off. Restarts the timer. On the admin queue's thread.</summary>
    public void SetKeepAlive(uint milliseconds)
    {
        KeepAliveMilliseconds = milliseconds;
        RestartTimer();
    }

    /// <summary>Raises an event, if the controller is enabled and the host wants to hear of it. From any thread.</summary>
    public void Raise(AsyncEvent happened)
    {
        if (_state == ControllerState.Ready && ((uint)Features.AsyncEventConfiguration & happened.ConfigurationMask) != 0)
            Events.Raise(happened);
    }

    /// <summary>Connect has succeeded. On the thread of the admin queue.</summary>
    internal void Start()
    {
        if (_target.AssociationLimiter.TryEnter())
        {
            LogCreated(_target.Logger, Id, Subsystem.Nqn, LogText.Escape(HostNqn.Text), AdminQueue.RemoteAddress, _connectKeepAlive);
        }
        RestartTimer();
    }

    internal bool TryReadProperty(uint offset, int size, out ulong value) =>
        ControllerProperties.TryRead(Limits, _state, _configuration, offset, size, out value);

    /// <summary>Property Set of CC. On the thread of the admin queue.</summary>
    internal NvmeStatus WriteConfiguration(uint value)
    {
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

    /// <summary>Has a Connect tried again when the last command of this controller has ended. From any thread.</summary>
    internal void RetryAtEnd(CommandContext connect)
    {
        lock (_gate)
        {
            if (!_isReleased)
            {
                (_waitingForEnd ??= []).Add(connect);
                return;
            }
        }
        ConnectCommand.PostRetry(connect);
    }

    internal QueuePair? FindIoQueue(int queueId)
    {
        lock (_gate)
            return FindLocked(queueId);
    }

    /// <summary>An I/O queue is gone and its last command ended. On the thread of that queue.</summary>
    internal void OnIoQueueDrained(QueuePair queue)
    {
        Subsystem.ReleaseIoQueue(HostNqn, queue.Entries);
        bool isLast;
        bool isReleasedNow;
        lock (_gate)
        {
            // What came on it kept the association alive, whatever became of the queue.
            _wasEndedQueueActive |= queue.TakeActivity();
            _ioQueues.Remove(queue);
            _ioQueueCount = _ioQueues.Count;
            isLast = _ioQueues.Count == 0;
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
        _timer.Start(ControllerTimerKind.None, 0, 0);
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

    /// <summary>A defect of ours was met, or the Keep Alive Timer ran out: CSTS.CFS, and the end of the association. From any thread.</summary>
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

    /// <summary><see cref="Deadline"/> has passed. On the thread of the admin queue.</summary>
    internal void OnTimer(long now)
    {
        if (now < _timer.Deadline || !_timer.Check(now, TakeActivity()))
            return;
        if (_timer.Kind == ControllerTimerKind.Association)
        {
            if (_target.Limiter.TryEnter())
            {
                LogAssociationExpired(_target.Logger, LogText.Escape(HostNqn.Text), AdminQueue.RemoteAddress, Id, Subsystem.Nqn,
                    Limits.AssociationMilliseconds);
            }
            EndAssociation(CloseReason.AssociationEnded);
            return;
        }
        if (_target.Limiter.TryEnter())
        {
            bool isIdle = _timer.Kind == ControllerTimerKind.Idle;
            LogKeepAliveExpired(_target.Logger, LogText.Escape(HostNqn.Text), AdminQueue.RemoteAddress,
                isIdle ? Limits.DiscoveryIdleMilliseconds : KeepAliveMilliseconds, Id, Subsystem.Nqn,
                isIdle ? $"See {nameof(TargetLimits.DiscoveryIdleMilliseconds)}" : "The host sets the Keep Alive Timeout when it connects");
        }
        Fail(CloseReason.KeepAliveTimeout);
    }

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

    /// <summary>Acknowledges when the thread of the admin queue has processed everything that its sockets held at the time of this call:
    /// if the host had closed the admin connection by then, <see cref="State"/> says so. From any thread.</summary>
    /// <remarks>The thread may be in the middle of a round, with its ready sockets already collected. Work that posted work posts runs in
    /// the next round, so a second post makes sure that a whole collection lies between.</remarks>
    internal void PostVisit(Countdown visits)
    {
        visits.Add();
        AdminQueue.Connection.Scheduler.Post(VisitPosted, Tuple.Create(this, visits));
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
                RestartTimer();
                _shutdown = Subsystem.BeginShutdown(this);
                _shutdown.Start(CopyIoQueues());
                break;
            default:
                RestartTimer();
                break;
        }
    }

    private void BeginReset()
    {
        _shutdown = null;
        QueuePair[] queues = CopyIoQueues();
        foreach (QueuePair queue in queues)
            queue.PostClose(CloseReason.AssociationEnded);
        AdminQueue.AbortPending(NvmeStatus.CommandAborted);

        // Their command identifiers are the host's again, so they are completed rather than forgotten.
        Events.Reset(NvmeStatus.CommandAborted);
        ChangedNamespaces.Clear();
        Features.Reset();
        SetDefaultEvents();
        KeepAliveMilliseconds = _connectKeepAlive;
        if (queues.Length == 0)
            OnIoQueuesGone();
        else
            RestartTimer();
    }

    private void OnIoQueuesGone()
    {
        if (_ioQueueCount == 0 && TryMove(ControllerEvent.ResetDone))
        {
            lock (_gate)
                _configuration = default;
            RestartTimer();
        }
        AdminQueue.ContinueStopping();
    }

    private void FinishShutdown(ControllerShutdown ended)
    {
        // A reset may have come in between, and after it a second shutdown with commands and flushes of its own.
        if (_shutdown == ended && TryMove(ControllerEvent.ShutdownDone))
            RestartTimer();
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

    private void RestartTimer()
    {
        long now = AdminQueue.Connection.Scheduler.Now;
        switch (_state)
        {
            case ControllerState.Ready when KeepAliveMilliseconds != 0:
                long unit = (long)Limits.KeepAliveGranularity * KeepAliveUnitMilliseconds;
                _timer.Start(ControllerTimerKind.KeepAlive, now, (KeepAliveMilliseconds + unit - 1) / unit * unit);
                break;
            case ControllerState.Ready when IsDiscovery:
                _timer.Start(ControllerTimerKind.Idle, now, Limits.DiscoveryIdleMilliseconds);
                break;
            case ControllerState.Ready or ControllerState.Failed or ControllerState.Closed:
                _timer.Start(ControllerTimerKind.None, now, 0);
                break;
            default:
                _timer.Start(ControllerTimerKind.Association, now, Limits.AssociationMilliseconds);
                break;
        }
        AdminQueue.Connection.DeadlineChanged();
    }

    private bool TakeActivity()
    {
        bool wasActive = AdminQueue.TakeActivity();
        lock (_gate)
        {
            wasActive |= _wasEndedQueueActive;
            _wasEndedQueueActive = false;
            foreach (QueuePair queue in _ioQueues)
                wasActive |= queue.TakeActivity();
        }
        return wasActive;
    }

    // A discovery host that connected with a Keep Alive Timeout wants to stay, and to hear of changes without asking for it.
    private void SetDefaultEvents()
    {
        if (IsDiscovery && _connectKeepAlive != 0)
            Features[AsyncEventConfigurationId] = AsyncEvent.DiscoveryLogChanged.ConfigurationMask;
    }

    private void ScheduleDelivery()
    {
        IConnectionScheduler scheduler = AdminQueue.Connection.Scheduler;
        if (scheduler.IsCurrentThread)
            Events.Deliver();
        else
            scheduler.Post(DeliverPosted, this);
    }

    private QueuePair? FindLocked(int queueId)
    {
        foreach (QueuePair queue in _ioQueues)
        {
            if (queue.Id == queueId)
                return queue;
        }
        return null;
    }

    private QueuePair[] CopyIoQueues()
    {
        lock (_gate)
            return [.. _ioQueues];
    }

    private void Release()
    {
        Subsystem.Release(this);
        List<CommandContext>? waiting;
        lock (_gate)
        {
            _isReleased = true;
            waiting = _waitingForEnd;
            _waitingForEnd = null;
        }
        foreach (CommandContext connect in waiting ?? [])
            ConnectCommand.PostRetry(connect);
        if (_target.AssociationLimiter.TryEnter())
            LogReleased(_target.Logger, Id, Subsystem.Nqn, LogText.Escape(HostNqn.Text));
    }
}
