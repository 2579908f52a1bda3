using System.Net;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Admission;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Events;
using ManagedNvmet.Target.Health;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.QualityOfService;
using ManagedNvmet.Target.Queues;
using ManagedNvmet.Target.Refusals;

namespace ManagedNvmet.Target.Subsystems;

/// <summary>An NVM subsystem or the discovery subsystem, with its namespaces and controllers.</summary>
/// <remarks>Thread-safe. <see cref="NvmeTarget.AddSubsystem"/> creates it. Changes affect connected hosts at once.</remarks>
public sealed class Subsystem : SubsystemIdentity
{
    private readonly Lock _gate = new();
    private readonly NvmeTarget _target;
    private readonly ControllerAdmission _admission;
    private readonly List<ControllerShutdown> _shutdowns = [];
    private readonly NamespaceRegistry _namespaces;
    private volatile AccessTable _access;
    private volatile bool _isHidden;
    private bool _isRemoved;

    /// <exception cref="ArgumentException">The options are not valid.</exception>
    internal Subsystem(NvmeTarget target, SubsystemOptions options, bool isDiscovery)
        : base(Checked(options).Nqn, isDiscovery, options.SerialNumber, options.ModelNumber, options.FirmwareRevision,
            new HealthCounters(target.Limits.MaxNamespaces, target.Time))
    {
        _target = target;
        _access = new AccessTable(options.Access);
        _isHidden = options.IsHidden;
        ControllerSet = new ControllerSet(_gate, options);
        _admission = new ControllerAdmission(this, target, _gate) { Limits = options.Limits };
        _namespaces = new NamespaceRegistry(target.HostThrottle);
        Insert([.. options.Namespaces]);
        _namespaces.Invalidate();
    }

    /// <summary>True when the discovery log page does not contain the subsystem.</summary>
    public bool IsHidden => _isHidden;

    /// <summary>A snapshot of all active namespaces in ascending order of NSID, including those that only some hosts see.</summary>
    public ReadOnlySpan<Namespace> Namespaces => _namespaces.All.All;

    /// <summary>The limits of its controllers and queues. A change affects only later connections.</summary>
    public SubsystemLimits Limits
    {
        get => _admission.Limits;
        set => _admission.Limits = value;
    }

    /// <summary>A copy of the list of controllers, in no order.</summary>
    public IReadOnlyList<Controller> Controllers => ControllerSet.Copy();

    /// <summary>The controllers that live at the moment.</summary>
    internal ControllerSet ControllerSet { get; }

    /// <summary>True when new controllers are refused: the subsystem is being removed. Under the subsystem's lock.</summary>
    internal bool IsRemoved => _isRemoved;

    /// <summary>What becomes of a host that looks like a copy of one that is connected.</summary>
    internal DuplicateHostPolicy DuplicateHosts => _access.DuplicateHosts;

    /// <summary>Returns the namespace with this NSID or null, even if only some hosts see it. Thread-safe.</summary>
    public Namespace? Find(uint namespaceId) => _namespaces.All.Find(namespaceId);

    /// <summary>Returns true when a rule allows this host NQN. The host must also satisfy the other conditions of the rule.
    /// Thread-safe.</summary>
    public bool IsAllowed(Nqn host) => _access.Names(host);

    /// <summary>Replaces the access rules, and ends the associations of the hosts that they no longer allow.</summary>
    public void SetAccess(SubsystemAccess wanted)
    {
        // Holds the lock, so that no controller is created by the old rules afterwards.
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

    /// <summary>Adds the subsystem to the discovery log page or removes it.</summary>
    public void SetHidden(bool value)
    {
        _isHidden = value;
        _target.DiscoveryChanged();
    }

    /// <summary>Adds a namespace and tells the connected hosts that see it.</summary>
    /// <exception cref="ArgumentException">The NSID is in use, or higher than <see cref="TargetLimits.MaxNamespaces"/>, or the ANA group
    /// is higher than <see cref="TargetLimits.MaxAnaGroups"/>.</exception>
    public void AddNamespace(Namespace added) => AddNamespaces([added]);

    /// <summary>Adds namespaces, all or none, and tells the connected hosts that see them.</summary>
    /// <exception cref="ArgumentException">As for <see cref="AddNamespace"/>.</exception>
    public void AddNamespaces(IReadOnlyCollection<Namespace> added) => Change(() =>
    {
        Insert([.. added]);
        return true;
    });

    /// <summary>Removes a namespace and tells the connected hosts that saw it. New commands for it fail at once.</summary>
    /// <returns>A task that ends when no command uses the device any more, so that it may be disposed; null when there was no such
    /// namespace. It waits as long as the device takes.</returns>
    public Task? RemoveNamespace(uint namespaceId)
    {
        CommandDrain? drain = null;
        var countdown = new Countdown();
        bool isThere = Change(
            () =>
            {
                if (_namespaces.All.Find(namespaceId) is not { } removed)
                    return false;
                _namespaces.All = _namespaces.All.Without(namespaceId);
                drain = CommandDrain.OfDevice(removed.Device, countdown);
                foreach (ControllerShutdown shutdown in _shutdowns)
                    shutdown.AddDrain(drain, removed.Device);
                return true;
            },

            // Every controller is asked, not those that have just lost it alone: another may have lost it before, and still use it.
            (controller, _) => controller.Drain(drain!));
        countdown.Acknowledge();
        return isThere ? countdown.Completion : null;
    }

    /// <summary>The device of a namespace has changed, usually its size: reads its properties again and tells the connected
    /// hosts.</summary>
    /// <returns>False when there is no such namespace.</returns>
    /// <exception cref="ArgumentException">The device's new properties are not sound; the old ones stay in force.</exception>
    public bool NotifyNamespaceChanged(uint namespaceId) => Change(() =>
    {
        if (_namespaces.All.Find(namespaceId) is not { } old)
            return false;
        _namespaces.All = _namespaces.All.With(old.Refresh());
        return true;
    });

    /// <summary>Puts a namespace in place of the one with the same NSID and the same device: read-only, its names or its ANA group may
    /// have changed. I/O goes on.</summary>
    /// <exception cref="ArgumentException">There is no such namespace, or it has another device: remove that one first.</exception>
    public void ReplaceNamespace(Namespace changed) => Change(() =>
    {
        if (_namespaces.All.Find(changed.Id)?.Device != changed.Device)
            throw new ArgumentException($"{Nqn} has no namespace {changed.Id} with this device.", nameof(changed));
        Check(changed);
        _namespaces.All = _namespaces.All.With(changed);
        return true;
    });

    /// <summary>Sets which hosts see a namespace, and which may only read it; remembered for a namespace that is not there yet. Hosts for
    /// which something changes are told, the others are not.</summary>
    /// <returns>Ends when no command of a host that lost its access works on the namespace any more.</returns>
    public Task SetNamespaceAccess(uint namespaceId, NamespaceAccess wanted)
    {
        var countdown = new Countdown();
        Change(
            () =>
            {
                _namespaces.SetAccess(namespaceId, wanted);
                return true;
            },
            (controller, _) =>
            {
                // Whoever may not is asked, not those alone that have just lost it: another change may have taken it before, and what is
                // under way not have ended. A command that is under way may be a write that waits for its data.
                if (_namespaces.All.Find(namespaceId) is not { } served)
                    return;
                AttachedNamespace? attached = controller.View.Find(namespaceId);
                if (attached is null)
                    controller.Drain(CommandDrain.OfDevice(served.Device, countdown));
                else if (attached.IsWriteProtected)
                    controller.Drain(CommandDrain.OfWrites(served.Device, countdown));
            });
        countdown.Acknowledge();
        return countdown.Completion;
    }

    /// <summary>Limits how fast a namespace may be used, by all hosts together; null for no limit. In force at once.</summary>
    /// <exception cref="ArgumentException">The limits are not sound.</exception>
    public void SetQualityOfService(uint namespaceId, QualityOfServiceLimits? wanted) =>
        ChangeThrottles(wanted, () => _namespaces.SetThrottle(namespaceId, wanted));

    /// <summary>Limits how fast one host may use a namespace; null for no limit. In force at once.</summary>
    /// <exception cref="ArgumentException">The limits are not sound.</exception>
    public void SetQualityOfService(uint namespaceId, Nqn host, QualityOfServiceLimits? wanted) =>
        ChangeThrottles(wanted, () => _namespaces.SetThrottle(namespaceId, host, wanted));

    /// <summary>Refuses new controllers, ends all associations, and removes the namespaces.</summary>
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

    /// <summary>Raises an event on every controller whose host has enabled it.</summary>
    internal void Raise(AsyncEvent happened)
    {
        foreach (Controller controller in Controllers)
            controller.Raise(happened);
    }

    /// <summary>Checks whether a host may use the subsystem.</summary>
    internal RefusalReason CheckAccess(Nqn host, ReadOnlySpan<byte> hostId, IPAddress? source) => _access.Check(host, hostId, source);

    /// <summary>Makes a controller for a Connect of an admin queue, or says why not.</summary>
    internal ConnectRefusal TryCreateController(QueuePair adminQueue, ConnectFields fields, out Controller? controller) =>
        _admission.TryCreate(adminQueue, fields, out controller);

    /// <summary>Counts an I/O queue in, or says why not.</summary>
    internal ConnectRefusal TryAddIoQueue(Nqn host, int entries) => _admission.TryAddIoQueue(host, entries);

    /// <summary>An I/O queue has ended.</summary>
    internal void ReleaseIoQueue(Nqn host, int entries) => _admission.ReleaseIoQueue(host, entries);

    /// <summary>The last queue of a controller has ended.</summary>
    internal void Release(Controller controller)
    {
        ControllerSet.Remove(controller);
        _target.Hosts.Remove(controller);
    }

    /// <summary>Gives a controller its first view of the namespaces. Under the subsystem's lock.</summary>
    internal void SetFirstView(Controller controller)
    {
        if (!IsDiscovery)
            controller.View = _namespaces.ViewOf(controller.HostNqn, controller.AdminQueue.Port);
    }

    /// <summary>Begins a shutdown. Until it has flushed the device of a namespace, the removal of the namespace waits.</summary>
    internal ControllerShutdown BeginShutdown(Controller controller)
    {
        lock (_gate)
        {
            var shutdown = new ControllerShutdown(controller, _namespaces.All);
            _shutdowns.Add(shutdown);
            return shutdown;
        }
    }

    /// <summary>Ends a shutdown whose flushes are complete. Thread-safe.</summary>
    internal void OnShutdownFlushed(ControllerShutdown shutdown)
    {
        lock (_gate)
            _shutdowns.Remove(shutdown);
    }

    /// <summary>Makes the views anew: ports, or the limits of a host, have changed.</summary>
    internal void UpdateViews() => Change(static () => true);

    private static SubsystemOptions Checked(SubsystemOptions options) => options.Validate() is { } problem
        ? throw new ArgumentException($"Subsystem {options.Nqn} cannot be served: {problem}.", nameof(options))
        : options;

    private void ChangeThrottles(QualityOfServiceLimits? wanted, Action set)
    {
        if (wanted?.Validate() is { } problem)
            throw new ArgumentException($"{problem}.", nameof(wanted));
        Change(() =>
        {
            set();
            return true;
        });
    }

    /// <summary>Makes a change, gives every controller that it concerns its new view, and raises the events.</summary>
    /// <param name="apply">Makes the change; false when there was nothing to be changed.</param>
    /// <param name="concerned">Called for each controller once it has its new view.</param>
    private bool Change(Func<bool> apply, Action<Controller, ViewChange>? concerned = null)
    {
        var toTell = new List<(Controller Controller, ViewChange Change)>();
        lock (_gate)
        {
            if (!apply())
                return false;
            _namespaces.Invalidate();
            (NamespaceView Old, NamespaceView New, ViewChange Change)? last = null;
            foreach (Controller controller in ControllerSet.All)
            {
                if (IsDiscovery)
                    break;
                NamespaceView old = controller.View;
                NamespaceView fresh = _namespaces.ViewOf(controller.HostNqn, controller.AdminQueue.Port);

                // Controllers that share a view share the comparison too.
                if (last is not { } known || known.Old != old || known.New != fresh)
                    last = known = (old, fresh, ViewChange.Between(old, fresh));
                controller.View = fresh;
                concerned?.Invoke(controller, known.Change);
                toTell.Add((controller, known.Change));
            }
        }
        foreach ((Controller controller, ViewChange change) in toTell)
        {
            foreach ((uint namespaceId, NamespaceChange kind) in change.Changed)
                controller.ChangedNamespaces.Add(namespaceId, kind);
            if (change.Changed.Count > 0)
                controller.Raise(AsyncEvent.NamespaceAttributeChanged);
            if (change.HasAnaChanged)
                controller.Raise(AsyncEvent.AnaChange);
        }
        return true;
    }

    private void Insert(ReadOnlySpan<Namespace> added)
    {
        NamespaceList list = _namespaces.All;
        var ids = new HashSet<uint>();
        foreach (Namespace each in added)
        {
            Check(each);
            if (list.Find(each.Id) is not null || !ids.Add(each.Id))
                throw new ArgumentException($"{Nqn} has a namespace {each.Id} already.", nameof(added));
        }
        _namespaces.All = list.With(added);
    }

    private void Check(Namespace added)
    {
        if (IsDiscovery)
            throw new ArgumentException("The discovery subsystem has no namespaces.", nameof(added));
        if (added.Id > _target.Limits.MaxNamespaces)
        {
            throw new ArgumentException(
                $"Namespace {added.Id} of {Nqn} is above {_target.Limits.MaxNamespaces}; see {nameof(TargetLimits.MaxNamespaces)}.",
                nameof(added));
        }
        if (added.AnaGroup < 1 || added.AnaGroup > _target.Limits.MaxAnaGroups)
        {
            throw new ArgumentException($"Namespace {added.Id} of {Nqn} is in ANA group {added.AnaGroup}, expected 1 to "
                + $"{_target.Limits.MaxAnaGroups}; see {nameof(TargetLimits.MaxAnaGroups)}.", nameof(added));
        }
    }
}
