using System.Net;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Logging;
using ManagedNvmet.Target.Queues;
using ManagedNvmet.Target.Refusals;
using ManagedNvmet.Target.Subsystems;

namespace ManagedNvmet.Target.Admission;

/// <summary>Decides which hosts get a controller or an I/O queue of one subsystem: access, the limits of the subsystem, of the port and of
/// the host, and hosts that look like copies of others.</summary>
/// <remarks>From any thread, under the lock of the subsystem.</remarks>
internal sealed class ControllerAdmission(Subsystem subsystem, NvmeTarget target, Lock gate)
{
    private volatile SubsystemLimits _limits = SubsystemLimits.None;
    private int _ioQueueCount;

    /// <summary>Limits of this subsystem. A change concerns hosts that connect from now on.</summary>
    public SubsystemLimits Limits
    {
        get => _limits;
        set => _limits = value;
    }

    /// <summary>Makes a controller for a Connect of an admin queue, or says why not.</summary>
    public ConnectRefusal TryCreate(QueuePair adminQueue, ConnectFields fields, out Controller? controller)
    {
        DuplicateHost? seen;
        ConnectRefusal refusal;
        lock (gate)
            refusal = TryCreateLocked(adminQueue, fields, out controller, out seen);
        if (seen is not null)
            target.NoteDuplicate(seen);
        return refusal;
    }

    /// <summary>Counts an I/O queue in, or says why not.</summary>
    public ConnectRefusal TryAddIoQueue(Nqn host, int entries)
    {
        lock (gate)
        {
            if (_limits.MaxTotalIoQueues is { } most && _ioQueueCount >= most)
                return ConnectRules.TooMany(Limit.IoQueuesOfSubsystem);
            if (target.Hosts.TryAddQueue(host, entries) is { } reached)
                return ConnectRules.TooMany(reached);
            _ioQueueCount++;
            return ConnectRefusal.None;
        }
    }

    /// <summary>An I/O queue has ended.</summary>
    public void ReleaseIoQueue(Nqn host, int entries)
    {
        lock (gate)
            _ioQueueCount--;
        target.Hosts.RemoveQueue(host, entries);
    }

    private ConnectRefusal TryCreateLocked(QueuePair adminQueue, ConnectFields fields, out Controller? controller, out DuplicateHost? seen)
    {
        controller = null;
        seen = null;
        if (target.IsStopping || subsystem.IsRemoved)
        {
            return ConnectRefusal.Because(NvmeStatus.ControllerBusy, RefusalReason.Stopping,
                "the target is stopping, or the subsystem is being removed", ConnectRefusal.WaitRemedy);
        }
        ConnectRefusal refusal = ConnectRules.CheckAccess(subsystem, adminQueue, fields.HostNqn, fields.HostId);
        if (refusal.IsRefused)
            return refusal;
        ControllerSet controllers = subsystem.ControllerSet;
        if (controllers.All.Count >= Math.Min(target.Limits.MaxControllers, _limits.MaxControllers ?? int.MaxValue))
            return ConnectRules.TooMany(Limit.ControllersOfSubsystem);
        seen = FindDuplicate(adminQueue, fields);
        if (seen is { WasFenced: true })
            return ConnectRules.Fenced(seen);
        if (!controllers.TryAllocateId(out ushort id))
            return ConnectRules.TooMany(Limit.ControllerIdsOfSubsystem);
        var created = new Controller(target, subsystem, id, adminQueue, fields);
        if (target.Hosts.TryAdd(created, adminQueue.Port) is { } reached)
        {
            controllers.ReleaseId(id);
            return ConnectRules.TooMany(reached);
        }
        subsystem.SetFirstView(created);
        controllers.Add(created);
        controller = created;
        return ConnectRefusal.None;
    }

    private DuplicateHost? FindDuplicate(QueuePair queue, ConnectFields fields)
    {
        DuplicateHostPolicy policy = subsystem.DuplicateHosts;
        if (subsystem.IsDiscovery || policy == DuplicateHostPolicy.Allow || fields.HostNqn == Nqn.Unnamed)
            return null;
        IPEndPoint? remote = queue.Connection.RemoteEndPoint;
        if (target.Hosts.FindOther(fields.HostNqn, fields.HostId, queue.Connection.LocalEndPoint, remote) is not { } other)
            return null;
        return new DuplicateHost
        {
            Time = target.Time.GetUtcNow(),
            HostNqn = LogText.Escape(fields.HostNqn.Text),
            SubsystemNqn = subsystem.Nqn,
            FirstEndPoint = other.AdminQueue.Connection.RemoteEndPoint,
            FirstHostId = new Guid(other.HostId, bigEndian: true),
            SecondEndPoint = remote,
            SecondHostId = new Guid(fields.HostId, bigEndian: true),
            WasFenced = policy == DuplicateHostPolicy.Fence,
        };
    }
}
