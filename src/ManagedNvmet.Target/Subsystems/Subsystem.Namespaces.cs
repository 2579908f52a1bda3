using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Events;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.QualityOfService;
using ManagedNvmet.Target.Queues;

namespace ManagedNvmet.Target.Subsystems;

public sealed partial class Subsystem
{
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

    /// <summary>The device of a namespace has changed, usually its size: reads its properties again and tells the connected hosts.</summary>
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

    /// <summary>Something outside that views depend on has changed: ports, or the limits of a host.</summary>
    internal void UpdateViews() => Change(static () => true);

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
            foreach (Controller controller in _controllers.Values)
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
                $"Namespace {added.Id} of {Nqn} is above {_target.Limits.MaxNamespaces}; see {nameof(TargetLimits.MaxNamespaces)}.", nameof(added));
        }
        if (added.AnaGroup < 1 || added.AnaGroup > _target.Limits.MaxAnaGroups)
        {
            throw new ArgumentException($"Namespace {added.Id} of {Nqn} is in ANA group {added.AnaGroup}, expected 1 to "
                + $"{_target.Limits.MaxAnaGroups}; see {nameof(TargetLimits.MaxAnaGroups)}.", nameof(added));
        }
    }
}
