using System.Net;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Events;
using ManagedNvmet.Target.Health;
using ManagedNvmet.Target.Logging;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Queues;
using ManagedNvmet.Target.Refusals;

namespace ManagedNvmet.Target.Subsystems;

/// <summary>An NVM subsystem, or the discovery subsystem: a name, an identity, its namespaces and its controllers.</summary>
/// <remarks>Thread-safe. Made by <see cref="NvmeTarget.AddSubsystem"/>. What is changed here concerns hosts that are connected at once.</remarks>
public sealed partial class Subsystem
{
    private readonly Lock _gate = new();
    private readonly NvmeTarget _target;
    private readonly ControllerIdAllocator _controllerIds;
    private readonly Dictionary<ushort, Controller> _controllers = [];
    private readonly List<ControllerShutdown> _shutdowns = [];
    private readonly NamespaceRegistry _namespaces;
    private volatile AccessTable _access;
    private volatile SubsystemLimits _limits;
    private volatile bool _isHidden;
    private int _ioQueueCount;
    private bool _isRemoved;

    /// <exception cref="ArgumentException">The options are not sound.</exception>
    internal Subsystem(NvmeTarget target, SubsystemOptions options, bool isDiscovery)
    {
        if (options.Validate() is { } problem)
            throw new ArgumentException($"Subsystem {options.Nqn} cannot be served: {problem}.", nameof(options));
        _target = target;
        IsDiscovery = isDiscovery;
        Nqn = options.Nqn;
        SerialNumber = options.SerialNumber;
        ModelNumber = options.ModelNumber;
        FirmwareRevision = options.FirmwareRevision;
        Health = new HealthCounters(target.Limits.MaxNamespaces, target.Time);
        _access = new AccessTable(options.Access);
        _limits = options.Limits;
        _isHidden = options.IsHidden;
        _controllerIds = new ControllerIdAllocator(
            options.FirstControllerId ?? (ushort)Random.Shared.Next(options.MinControllerId, options.MaxControllerId + 1),
            options.MinControllerId,
            options.MaxControllerId);
        _namespaces = new NamespaceRegistry(target);
        Insert([.. options.Namespaces]);
        _namespaces.Invalidate();
    }

    /// <summary>SUBNQN.</summary>
    public Nqn Nqn { get; }

    /// <summary>True for the discovery subsystem, which has no namespaces.</summary>
    public bool IsDiscovery { get; }

    /// <summary>SN: 1 to 20 ASCII characters.</summary>
    public string SerialNumber { get; }

    /// <summary>MN: 1 to 40 ASCII characters; the key of host-side rules, so it never changes.</summary>
    public string ModelNumber { get; }

    /// <summary>FR: 1 to 8 ASCII characters.</summary>
    public string FirmwareRevision { get; }

    /// <summary>What the queues of this subsystem have done since the target was started.</summary>
    public HealthCounters Health { get; }

    /// <summary>Discovery does not tell of it.</summary>
    public bool IsHidden => _isHidden;

    /// <summary>The active namespaces in ascending order of NSID, whoever sees them: a snapshot, replaced as a whole on a change.</summary>
    public ReadOnlySpan<Namespace> Namespaces => _namespaces.All.All;

    /// <summary>What its hosts may hold of it. A change concerns what is connected from now on.</summary>
    public SubsystemLimits Limits
    {
        get => _limits;
        set => _limits = value;
    }

    /// <summary>A copy of the controllers that live at the moment, in no order.</summary>
    public IReadOnlyList<Controller> Controllers
    {
        get
        {
            lock (_gate)
                return [.. _controllers.Values];
        }
    }

    /// <summary>CNTLIDs that are in use; those of <see cref="Controllers"/>.</summary>
    internal int ControllerIdsInUse
    {
        get
        {
            lock (_gate)
                return _controllerIds.InUse;
        }
    }

    /// <summary>The namespace of this NSID, or null, whoever sees it. From any thread.</summary>
    public Namespace? Find(uint namespaceId) => _namespaces.All.Find(namespaceId);

    /// <summary>True when a host of this name may connect, whatever else it has to show. From any thread.</summary>
    public bool IsAllowed(Nqn host) => _access.Names(host);

    /// <summary>Replaces the rules of who may connect. The associations of hosts that may not any more are ended; those of others are
    /// not touched.</summary>
    public void SetAccess(SubsystemAccess wanted)
    {
        // Under the lock: no controller is made by the old rules afterwards.
        lock (_gate)
            _access = new AccessTable(wanted);
        foreach (Controller controller in Controllers)
        {
            QueuePair queue = controller.AdminQueue;
            if (_access.Check(controller.HostNqn, controller.HostId, queue.Connection.RemoteEndPoint?.Address) != RefusalReason.None)
                controller.EndBecause("the host may not use the subsystem any more");
        }
        _target.DiscoveryChanged();
    }

    /// <summary>Shows the subsystem to discovery, or hides it.</summary>
    public void SetHidden(bool value)
    {
        _isHidden = value;
        _target.DiscoveryChanged();
    }

    /// <summary>Refuses new controllers, ends the association of every one there is, and removes the namespaces.</summary>
    internal Task Remove()
    {
        lock (_gate)
            _isRemoved = true;
        foreach (Controller controller in Controllers)
            controller.EndAssociation();
        var drains = new List<Task>();
        foreach (Namespace each in Namespaces)
            drains.Add(RemoveNamespace(each.Id) ?? Task.CompletedTask);
        return Task.WhenAll(drains);
    }

    /// <summary>Raises an event on every controller whose host wants to hear of it.</summary>
    internal void Raise(AsyncEvent happened)
    {
        foreach (Controller controller in Controllers)
            controller.Raise(happened);
    }

    /// <summary>Judges whether a host may use the subsystem.</summary>
    internal RefusalReason CheckAccess(Nqn host, ReadOnlySpan<byte> hostId, IPAddress? source) => _access.Check(host, hostId, source);

    /// <summary>Makes a controller for a Connect of an admin queue.</summary>
    internal ConnectRefusal TryCreateController(QueuePair adminQueue, ConnectFields fields, out Controller? controller)
    {
        ConnectRefusal refusal = TryCreateController(adminQueue, fields, out controller, out DuplicateHost? seen);
        if (seen is not null)
            _target.NoteDuplicate(seen);
        return refusal;
    }

    /// <summary>Counts an I/O queue in.</summary>
    internal ConnectRefusal TryAddIoQueue(Nqn host, int entries)
    {
        lock (_gate)
        {
            if (_limits.MaxTotalIoQueues is { } most && _ioQueueCount >= most)
            {
                return ConnectRules.TooMany(RefusalReason.TooManyQueues, "the subsystem has as many I/O queues as it may have",
                    $"{nameof(SubsystemLimits)}.{nameof(SubsystemLimits.MaxTotalIoQueues)}");
            }
            RefusalReason reason = _target.Hosts.TryAddQueue(host, entries);
            if (reason == RefusalReason.None)
            {
                _ioQueueCount++;
                return ConnectRefusal.None;
            }
            return reason == RefusalReason.TooManyQueues
                ? ConnectRules.TooMany(reason, "the host has as many I/O queues as it may have",
                    $"{nameof(HostLimits)}.{nameof(HostLimits.MaxQueues)}")
                : ConnectRules.TooMany(reason, "the I/O queues of the host have as many entries as they may have together",
                    $"{nameof(HostLimits)}.{nameof(HostLimits.MaxQueueEntries)}");
        }
    }

    /// <summary>An I/O queue has come to its end.</summary>
    internal void ReleaseIoQueue(Nqn host, int entries)
    {
        lock (_gate)
            _ioQueueCount--;
        _target.Hosts.RemoveQueue(host, entries);
    }

    /// <summary>The controller of this identifier, or null.</summary>
    internal Controller? FindController(ushort id)
    {
        lock (_gate)
            return _controllers.GetValueOrDefault(id);
    }

    /// <summary>Visits the threads of this host's controllers, so that the end of an association is known if the host had closed its
    /// connection before this call.</summary>
    /// <returns>False when the host has no controller here: nothing is visited then.</returns>
    internal bool TryVisit(Nqn host, ReadOnlySpan<byte> hostId, Countdown visits)
    {
        bool hasAny = false;
        lock (_gate)
        {
            foreach (Controller controller in _controllers.Values)
            {
                if (!controller.HostNqn.Equals(host) || !controller.HostId.SequenceEqual(hostId))
                    continue;
                controller.PostVisit(visits);
                hasAny = true;
            }
        }
        return hasAny;
    }

    /// <summary>A controller of this host whose association is over, and whose last commands are not; or null.</summary>
    internal Controller? FindEnding(Nqn host, ReadOnlySpan<byte> hostId)
    {
        lock (_gate)
        {
            foreach (Controller controller in _controllers.Values)
            {
                if (controller.State is ControllerState.Closed or ControllerState.Failed && controller.HostNqn.Equals(host)
                    && controller.HostId.SequenceEqual(hostId))
                {
                    return controller;
                }
            }
            return null;
        }
    }

    /// <summary>The last queue of a controller has come to its end.</summary>
    internal void Release(Controller controller)
    {
        lock (_gate)
        {
            _controllers.Remove(controller.Id);
            _controllerIds.Release(controller.Id);
        }
        _target.Hosts.Remove(controller);
    }

    /// <summary>Begins a shutdown. The removal of a namespace waits from now on until the shutdown has flushed its device.</summary>
    internal ControllerShutdown BeginShutdown(Controller controller)
    {
        lock (_gate)
        {
            var shutdown = new ControllerShutdown(controller, _namespaces.All);
            _shutdowns.Add(shutdown);
            return shutdown;
        }
    }

    /// <summary>The flushes of a shutdown are done. From any thread.</summary>
    internal void OnShutdownFlushed(ControllerShutdown shutdown)
    {
        lock (_gate)
            _shutdowns.Remove(shutdown);
    }

    private ConnectRefusal TryCreateController(
        QueuePair adminQueue, ConnectFields fields, out Controller? controller, out DuplicateHost? seen)
    {
        controller = null;
        seen = null;
        lock (_gate)
        {
            if (_target.IsStopping || _isRemoved)
            {
                return ConnectRefusal.Because(NvmeStatus.ControllerBusy, RefusalReason.Stopping,
                    "the target is stopping, or the subsystem is being removed", ConnectRefusal.WaitRemedy);
            }
            ConnectRefusal refusal = ConnectRules.CheckAccess(this, adminQueue, fields.HostNqn, fields.HostId);
            if (refusal.IsRefused)
                return refusal;
            if (_controllers.Count >= Math.Min(_target.Limits.MaxControllers, _limits.MaxControllers ?? int.MaxValue))
            {
                return ConnectRules.TooMany(RefusalReason.TooManyControllers, "the subsystem has as many controllers as it may have",
                    $"{nameof(TargetLimits)}.{nameof(TargetLimits.MaxControllers)} and {nameof(SubsystemLimits)}.{nameof(SubsystemLimits.MaxControllers)}");
            }
            seen = FindDuplicate(adminQueue, fields);
            if (seen is { WasFenced: true })
                return ConnectRules.Fenced(seen);
            if (!_controllerIds.TryAllocate(out ushort id))
            {
                return ConnectRules.TooMany(RefusalReason.TooManyControllers, "every controller identifier is in use",
                    $"{nameof(SubsystemOptions.MinControllerId)} and {nameof(SubsystemOptions.MaxControllerId)}");
            }
            var created = new Controller(_target, this, id, adminQueue, fields);
            RefusalReason reason = _target.Hosts.TryAdd(created, adminQueue.Port);
            if (reason != RefusalReason.None)
            {
                _controllerIds.Release(id);
                return reason == RefusalReason.TooManyControllersOfPort
                    ? ConnectRules.TooMany(reason, "the port has as many controllers as it may have",
                        $"{nameof(Port)}.{nameof(Port.MaxControllers)}")
                    : ConnectRules.TooMany(reason, "the host has as many controllers as it may have",
                        $"{nameof(HostLimits)}.{nameof(HostLimits.MaxControllers)}");
            }
            if (!IsDiscovery)
                created.View = _namespaces.ViewOf(created.HostNqn, adminQueue.Port);
            _controllers.Add(id, created);
            controller = created;
            return ConnectRefusal.None;
        }
    }

    private DuplicateHost? FindDuplicate(QueuePair queue, ConnectFields fields)
    {
        DuplicateHostPolicy policy = _access.DuplicateHosts;
        if (IsDiscovery || policy == DuplicateHostPolicy.Allow || fields.HostNqn == Nqn.Unnamed)
            return null;
        IPEndPoint? remote = queue.Connection.RemoteEndPoint;
        if (_target.Hosts.FindOther(fields.HostNqn, fields.HostId, queue.Connection.LocalEndPoint, remote) is not { } other)
            return null;
        return new DuplicateHost
        {
            Time = _target.Time.GetUtcNow(),
            HostNqn = LogText.Escape(fields.HostNqn.Text),
            SubsystemNqn = Nqn,
            FirstEndPoint = other.AdminQueue.Connection.RemoteEndPoint,
            FirstHostId = new Guid(other.HostId, bigEndian: true),
            SecondEndPoint = remote,
            SecondHostId = new Guid(fields.HostId, bigEndian: true),
            WasFenced = policy == DuplicateHostPolicy.Fence,
        };
    }
}
