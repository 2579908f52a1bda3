using System.Net;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Admin;
using ManagedNvmet.Target.Fabrics;
using ManagedNvmet.Target.LogPages;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Refusals;

namespace ManagedNvmet.Target;

/// <summary>An NVM subsystem, or the discovery subsystem: a name, an identity, its namespaces and its controllers.</summary>
/// <remarks>Thread-safe. Made by <see cref="NvmeTarget.AddSubsystem"/>. What is changed here concerns hosts that are connected at once.</remarks>
public sealed partial class Subsystem
{
    private readonly Lock gate = new();
    private readonly NvmeTarget target;
    private readonly ControllerIdAllocator controllerIds;
    private readonly Dictionary<ushort, Controller> controllers = [];
    private readonly List<ShutdownFlush> flushes = [];
    private readonly NamespaceRegistry namespaces;
    private volatile AccessTable access;
    private volatile SubsystemLimits limits;
    private volatile bool isHidden;
    private int ioQueueCount;
    private bool isRemoved;

    /// <exception cref="ArgumentException">The options are not sound.</exception>
    internal Subsystem(NvmeTarget target, SubsystemOptions options, bool isDiscovery)
    {
        if (options.Validate() is { } problem)
            throw new ArgumentException($"Subsystem {options.Nqn} cannot be served: {problem}.", nameof(options));
        this.target = target;
        IsDiscovery = isDiscovery;
        Nqn = options.Nqn;
        SerialNumber = options.SerialNumber;
        ModelNumber = options.ModelNumber;
        FirmwareRevision = options.FirmwareRevision;
        Health = new HealthCounters(target.Limits.MaxNamespaces, target.Time);
        access = new AccessTable(options.Access);
        limits = options.Limits;
        isHidden = options.IsHidden;
        controllerIds = new ControllerIdAllocator(
            options.FirstControllerId ?? (ushort)Random.Shared.Next(options.MinControllerId, options.MaxControllerId + 1),
            options.MinControllerId,
            options.MaxControllerId);
        namespaces = new NamespaceRegistry(target);
        Insert([.. options.Namespaces]);
        namespaces.Invalidate();
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
    public bool IsHidden => isHidden;

    /// <summary>The active namespaces in ascending order of NSID, whoever sees them: a snapshot, replaced as a whole on a change.</summary>
    public ReadOnlySpan<Namespace> Namespaces => namespaces.All.All;

    /// <summary>What its hosts may hold of it. A change concerns what is connected from now on.</summary>
    public SubsystemLimits Limits
    {
        get => limits;
        set => limits = value;
    }

    /// <summary>A copy of the controllers that live at the moment, in no order.</summary>
    public IReadOnlyList<Controller> Controllers
    {
        get
        {
            lock (gate)
                return [.. controllers.Values];
        }
    }

    /// <summary>CNTLIDs that are in use; those of <see cref="Controllers"/>.</summary>
    internal int ControllerIdsInUse
    {
        get
        {
            lock (gate)
                return controllerIds.InUse;
        }
    }

    /// <summary>The namespace of this NSID, or null, whoever sees it. From any thread.</summary>
    public Namespace? Find(uint namespaceId) => namespaces.All.Find(namespaceId);

    /// <summary>True when a host of this name may connect, whatever else it has to show. From any thread.</summary>
    public bool IsAllowed(Nqn host) => access.Names(host);

    /// <summary>Replaces the rules of who may connect. The associations of hosts that may not any more are ended; those of others are
    /// not touched.</summary>
    public void SetAccess(SubsystemAccess wanted)
    {
        // Under the lock: no controller is made by the old rules afterwards.
        lock (gate)
            access = new AccessTable(wanted);
        foreach (Controller controller in Controllers)
        {
            QueuePair queue = controller.AdminQueue;
            if (access.Check(controller.HostNqn, controller.HostId, queue.Connection.RemoteEndPoint?.Address) != RefusalReason.None)
                controller.EndBecause("the host may not use the subsystem any more");
        }
        target.DiscoveryChanged();
    }

    /// <summary>Shows the subsystem to discovery, or hides it.</summary>
    public void SetHidden(bool value)
    {
        isHidden = value;
        target.DiscoveryChanged();
    }

    /// <summary>Refuses new controllers, ends the association of every one there is, and removes the namespaces.</summary>
    internal Task Remove()
    {
        lock (gate)
            isRemoved = true;
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
    internal RefusalReason CheckAccess(Nqn host, ReadOnlySpan<byte> hostId, IPAddress? source) => access.Check(host, hostId, source);

    /// <summary>Makes a controller for a Connect of an admin queue.</summary>
    internal ConnectRefusal TryCreateController(QueuePair adminQueue, ConnectFields fields, out Controller? controller)
    {
        ConnectRefusal refusal = TryCreateController(adminQueue, fields, out controller, out DuplicateHost? seen);
        if (seen is not null)
            target.NoteDuplicate(seen);
        return refusal;
    }

    /// <summary>Counts an I/O queue in.</summary>
    internal ConnectRefusal TryAddIoQueue(Nqn host, int entries)
    {
        lock (gate)
        {
            if (limits.MaxTotalIoQueues is { } most && ioQueueCount >= most)
            {
                return ConnectRules.TooMany(RefusalReason.TooManyQueues, "the subsystem has as many I/O queues as it may have",
                    $"{nameof(SubsystemLimits)}.{nameof(SubsystemLimits.MaxTotalIoQueues)}");
            }
            RefusalReason reason = target.Hosts.TryAddQueue(host, entries);
            if (reason == RefusalReason.None)
            {
                ioQueueCount++;
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
        lock (gate)
            ioQueueCount--;
        target.Hosts.RemoveQueue(host, entries);
    }

    /// <summary>The controller of this identifier, or null.</summary>
    internal Controller? FindController(ushort id)
    {
        lock (gate)
            return controllers.GetValueOrDefault(id);
    }

    /// <summary>A controller of this host whose association is over, and whose last commands are not; or null.</summary>
    internal Controller? FindEnding(Nqn host, ReadOnlySpan<byte> hostId)
    {
        lock (gate)
        {
            foreach (Controller controller in controllers.Values)
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
        lock (gate)
        {
            controllers.Remove(controller.Id);
            controllerIds.Release(controller.Id);
        }
        target.Hosts.Remove(controller);
    }

    /// <summary>Begins the flushes of a shutdown. A namespace that is removed meanwhile waits for its flush.</summary>
    internal void Flush(Controller controller)
    {
        ShutdownFlush flush;
        lock (gate)
        {
            flush = new ShutdownFlush(controller, namespaces.All);
            flushes.Add(flush);
        }
        controller.SetShutdownFlush(flush);
        flush.Start();
    }

    /// <summary>The flushes of a shutdown are done.</summary>
    internal void FlushDone(ShutdownFlush flush)
    {
        lock (gate)
            flushes.Remove(flush);
    }

    private ConnectRefusal TryCreateController(
        QueuePair adminQueue, ConnectFields fields, out Controller? controller, out DuplicateHost? seen)
    {
        controller = null;
        seen = null;
        lock (gate)
        {
            if (target.IsStopping || isRemoved)
            {
                return ConnectRefusal.Because(NvmeStatus.ControllerBusy, RefusalReason.Stopping,
                    "the target is stopping, or the subsystem is being removed", ConnectRefusal.WaitRemedy);
            }
            ConnectRefusal refusal = ConnectRules.CheckAccess(this, adminQueue, fields.HostNqn, fields.HostId);
            if (refusal.IsRefused)
                return refusal;
            if (controllers.Count >= Math.Min(target.Limits.MaxControllers, limits.MaxControllers ?? int.MaxValue))
            {
                return ConnectRules.TooMany(RefusalReason.TooManyControllers, "the subsystem has as many controllers as it may have",
                    $"{nameof(TargetLimits)}.{nameof(TargetLimits.MaxControllers)} and {nameof(SubsystemLimits)}.{nameof(SubsystemLimits.MaxControllers)}");
            }
            seen = FindDuplicate(adminQueue, fields);
            if (seen is { WasFenced: true })
                return ConnectRules.Fenced(seen);
            if (!controllerIds.TryAllocate(out ushort id))
            {
                return ConnectRules.TooMany(RefusalReason.TooManyControllers, "every controller identifier is in use",
                    $"{nameof(SubsystemOptions.MinControllerId)} and {nameof(SubsystemOptions.MaxControllerId)}");
            }
            var created = new Controller(target, this, id, adminQueue, fields);
            RefusalReason reason = target.Hosts.TryAdd(created, adminQueue.Port);
            if (reason != RefusalReason.None)
            {
                controllerIds.Release(id);
                return reason == RefusalReason.TooManyControllersOfPort
                    ? ConnectRules.TooMany(reason, "the port has as many controllers as it may have",
                        $"{nameof(Port)}.{nameof(Port.MaxControllers)}")
                    : ConnectRules.TooMany(reason, "the host has as many controllers as it may have",
                        $"{nameof(HostLimits)}.{nameof(HostLimits.MaxControllers)}");
            }
            if (!IsDiscovery)
                created.View = namespaces.ViewOf(created.HostNqn, adminQueue.Port);
            controllers.Add(id, created);
            controller = created;
            return ConnectRefusal.None;
        }
    }

    private DuplicateHost? FindDuplicate(QueuePair queue, ConnectFields fields)
    {
        DuplicateHostPolicy policy = access.DuplicateHosts;
        if (IsDiscovery || policy == DuplicateHostPolicy.Allow)
            return null;
        IPEndPoint? remote = queue.Connection.RemoteEndPoint;
        if (target.Hosts.FindOther(fields.HostNqn, fields.HostId, queue.Connection.LocalEndPoint, remote) is not { } other)
            return null;
        return new DuplicateHost
        {
            Time = target.Time.GetUtcNow(),
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
