using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Subsystems;

/// <summary>The controllers of one subsystem, by CNTLID.</summary>
/// <remarks>From any thread, but for <see cref="All"/>: the lock of the subsystem guards the set.</remarks>
internal sealed class ControllerSet(Lock gate, SubsystemOptions options)
{
    private readonly Dictionary<ushort, Controller> _controllers = [];
    private readonly ControllerIdAllocator _ids = new(
        options.FirstControllerId ?? (ushort)Random.Shared.Next(options.MinControllerId, options.MaxControllerId + 1),
        options.MinControllerId,
        options.MaxControllerId);

    /// <summary>The controllers. Under the subsystem's lock.</summary>
    public IReadOnlyCollection<Controller> All => _controllers.Values;

    /// <summary>CNTLIDs that are in use.</summary>
    public int IdsInUse
    {
        get
        {
            lock (gate)
                return _ids.InUse;
        }
    }

    /// <summary>A copy of the controllers, in no order.</summary>
    public IReadOnlyList<Controller> Copy()
    {
        lock (gate)
            return [.. _controllers.Values];
    }

    /// <summary>The controller of this identifier, or null.</summary>
    public Controller? Find(ushort id)
    {
        lock (gate)
            return _controllers.GetValueOrDefault(id);
    }

    /// <summary>Visits the threads of this host's controllers, so that the end of an association is known if the host had closed its
    /// connection before this call.</summary>
    /// <returns>False when the host has no controller here: nothing is visited then.</returns>
    public bool TryVisit(Nqn host, ReadOnlySpan<byte> hostId, Countdown visits)
    {
        bool hasAny = false;
        lock (gate)
        {
            foreach (Controller controller in _controllers.Values)
            {
                if (!controller.HostNqn.Equals(host) || !controller.HostId.SequenceEqual(hostId))
                    continue;
                ControllerVisit.Begin(controller, visits);
                hasAny = true;
            }
        }
        return hasAny;
    }

    /// <summary>A controller of this host whose association is over, and whose last commands are not; or null.</summary>
    public Controller? FindEnding(Nqn host, ReadOnlySpan<byte> hostId)
    {
        lock (gate)
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

    /// <summary>Takes a free CNTLID. False when every one is in use.</summary>
    public bool TryAllocateId(out ushort id)
    {
        lock (gate)
            return _ids.TryAllocate(out id);
    }

    /// <summary>Gives a CNTLID back that no controller was added for.</summary>
    public void ReleaseId(ushort id)
    {
        lock (gate)
            _ids.Release(id);
    }

    /// <summary>Adds a controller.</summary>
    public void Add(Controller controller)
    {
        lock (gate)
            _controllers.Add(controller.Id, controller);
    }

    /// <summary>Removes a controller that has ended.</summary>
    public void Remove(Controller controller)
    {
        lock (gate)
        {
            _controllers.Remove(controller.Id);
            _ids.Release(controller.Id);
        }
    }
}
