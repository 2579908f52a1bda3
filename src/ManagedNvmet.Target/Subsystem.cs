using ManagedNvmet.Target.Admin;
using ManagedNvmet.Target.Fabrics;
using ManagedNvmet.Target.LogPages;

namespace ManagedNvmet.Target;

/// <summary>An NVM subsystem, or the discovery subsystem: a name, an identity, its namespaces and its controllers.</summary>
/// <remarks>Thread-safe. Made by <see cref="NvmeTarget.AddSubsystem"/>.</remarks>
public sealed class Subsystem
{
    private readonly Lock gate = new();
    private readonly NvmeTarget target;
    private readonly ControllerIdAllocator controllerIds;
    private readonly Dictionary<ushort, Controller> controllers = [];
    private readonly List<ShutdownFlush> flushes = [];
    private volatile NamespaceList namespaces = NamespaceList.Empty;
    private volatile HashSet<Nqn>? allowedHosts;
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
        allowedHosts = options.AllowedHosts is null ? null : [.. options.AllowedHosts];
        controllerIds = new ControllerIdAllocator(
            options.FirstControllerId ?? (ushort)Random.Shared.Next(1, ControllerIdAllocator.MaxId + 1));
        foreach (Namespace each in options.Namespaces)
            Insert(each);
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

    /// <summary>The active namespaces in ascending order of NSID: a snapshot, replaced as a whole on a change.</summary>
    public ReadOnlySpan<Namespace> Namespaces => namespaces.All;

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

    /// <summary>The namespace of this NSID, or null. From any thread.</summary>
    public Namespace? Find(uint namespaceId) => namespaces.Find(namespaceId);

    /// <summary>True when this host may connect. From any thread.</summary>
    public bool IsAllowed(Nqn host) => allowedHosts is not { } allowed || allowed.Contains(host);

    /// <summary>Replaces the hosts that may connect; null for any host. Hosts that are connected stay so.</summary>
    public void SetAllowedHosts(IReadOnlyCollection<Nqn>? hosts)
    {
        allowedHosts = hosts is null ? null : [.. hosts];
        target.DiscoveryChanged();
    }

    /// <summary>Adds a namespace and tells the connected hosts.</summary>
    /// <exception cref="ArgumentException">The NSID is in use, or higher than <see cref="TargetLimits.MaxNamespaces"/>.</exception>
    public void AddNamespace(Namespace added)
    {
        lock (gate)
            Insert(added);
        TellOfChange(added.Id);
    }

    /// <summary>Removes a namespace and tells the connected hosts. New commands for it fail at once.</summary>
    /// <returns>A task that ends when no command uses the device any more, so that it may be disposed; null when there was no such
    /// namespace. It waits as long as the device takes.</returns>
    public Task? RemoveNamespace(uint namespaceId)
    {
        NamespaceDrain drain;
        lock (gate)
        {
            if (namespaces.Find(namespaceId) is not { } removed)
                return null;
            namespaces = namespaces.Without(namespaceId);
            drain = new NamespaceDrain(removed.Device);
            foreach (ShutdownFlush flush in flushes)
                flush.AddDrain(drain);
        }
        foreach (Controller controller in Controllers)
            controller.Drain(drain);
        drain.Acknowledge();
        TellOfChange(namespaceId);
        return drain.Completion;
    }

    /// <summary>The device of a namespace has changed, usually its size: reads its properties again and tells the connected hosts.</summary>
    /// <returns>False when there is no such namespace.</returns>
    /// <exception cref="ArgumentException">The device's new properties are not sound; the old ones stay in force.</exception>
    public bool NotifyNamespaceChanged(uint namespaceId)
    {
        lock (gate)
        {
            if (namespaces.Find(namespaceId) is not { } old)
                return false;
            namespaces = namespaces.With(new Namespace(old.Id, old.Device, old.Identity));
        }
        TellOfChange(namespaceId);
        return true;
    }

    /// <summary>Raises an event on every controller whose host wants to hear of it.</summary>
    internal void Raise(AsyncEvent happened)
    {
        foreach (Controller controller in Controllers)
            controller.Raise(happened);
    }

    /// <summary>Makes a controller for a Connect of an admin queue.</summary>
    internal ConnectRefusal TryCreateController(QueuePair adminQueue, ConnectFields fields, out Controller? controller)
    {
        controller = null;
        lock (gate)
        {
            if (target.IsStopping || isRemoved)
            {
                return ConnectRefusal.Because(NvmeStatus.ControllerBusy, "the target is stopping, or the subsystem is being removed",
                    ConnectRefusal.WaitRemedy);
            }
            if (controllers.Count >= target.Limits.MaxControllers)
            {
                return ConnectRefusal.Because(NvmeStatus.ControllerBusy, "the subsystem has as many controllers as it may have",
                    $"See {nameof(TargetLimits.MaxControllers)}");
            }
            if (!controllerIds.TryAllocate(out ushort id))
            {
                return ConnectRefusal.Because(NvmeStatus.ControllerBusy, "every controller identifier is in use",
                    ConnectRefusal.WaitRemedy);
            }
            controller = new Controller(target, this, id, adminQueue, fields);
            controllers.Add(id, controller);
            return ConnectRefusal.None;
        }
    }

    /// <summary>The controller of this identifier, or null.</summary>
    internal Controller? FindController(ushort id)
    {
        lock (gate)
            return controllers.GetValueOrDefault(id);
    }

    /// <summary>The last queue of a controller has come to its end.</summary>
    internal void Release(Controller controller)
    {
        lock (gate)
        {
            controllers.Remove(controller.Id);
            controllerIds.Release(controller.Id);
        }
    }

    /// <summary>Begins the flushes of a shutdown. A namespace that is removed meanwhile waits for its flush.</summary>
    internal void Flush(Controller controller)
    {
        ShutdownFlush flush;
        lock (gate)
        {
            flush = new ShutdownFlush(controller, namespaces);
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

    /// <summary>Refuses new controllers, ends the association of every one there is, and removes the namespaces.</summary>
    internal Task Remove()
    {
        lock (gate)
            isRemoved = true;
        foreach (Controller controller in Controllers)
            controller.EndAssociation(Protocol.Connection.CloseReason.AssociationEnded);
        var drains = new List<Task>();
        foreach (Namespace each in Namespaces)
            drains.Add(RemoveNamespace(each.Id) ?? Task.CompletedTask);
        return Task.WhenAll(drains);
    }

    private void Insert(Namespace added)
    {
        if (IsDiscovery)
            throw new ArgumentException("The discovery subsystem has no namespaces.", nameof(added));
        if (added.Id > target.Limits.MaxNamespaces)
        {
            throw new ArgumentException(
                $"Namespace {added.Id} of {Nqn} is above {target.Limits.MaxNamespaces}; see {nameof(TargetLimits.MaxNamespaces)}.", nameof(added));
        }
        if (namespaces.Find(added.Id) is not null)
            throw new ArgumentException($"{Nqn} has a namespace {added.Id} already.", nameof(added));
        namespaces = namespaces.With(added);
    }

    private void TellOfChange(uint namespaceId)
    {
        foreach (Controller controller in Controllers)
        {
            controller.ChangedNamespaces.Add(namespaceId);
            controller.Raise(AsyncEvent.NamespaceAttributeChanged);
        }
    }
}
