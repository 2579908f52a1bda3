using System.Net;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Queues;

namespace ManagedNvmet.Target.Admission;

/// <summary>The hosts that are connected, by name: what each of them holds.</summary>
/// <remarks>Thread-safe. Holds what is connected and the limits that an operator has set, nothing else.</remarks>
internal sealed class HostRegistry(HostLimits defaults)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Nqn, HostUse> _hosts = [];
    private readonly Dictionary<Nqn, HostLimits> _limits = [];
    private readonly Dictionary<Controller, ushort> _portOf = [];
    private readonly Dictionary<ushort, int> _perPort = [];

    /// <summary>Limits of one host in place of the usual ones; null for the usual ones. What the host holds already it keeps.</summary>
    public void SetLimits(Nqn host, HostLimits? own)
    {
        lock (_gate)
        {
            if (own is null)
                _limits.Remove(host);
            else
                _limits[host] = own;
        }
    }

    /// <summary>Counts a controller in.</summary>
    /// <param name="controller">The controller.</param>
    /// <param name="port">The port that its host reached.</param>
    /// <returns>Null when it is counted, or the limit that is reached.</returns>
    public Limit? TryAdd(Controller controller, Port? port)
    {
        lock (_gate)
        {
            if (port?.MaxControllers is { } most && _perPort.GetValueOrDefault(port.Id) >= most)
                return Limit.ControllersOfPort;
            HostUse use = Of(controller.HostNqn);
            if (use.Controllers.Count >= LimitsOf(controller.HostNqn).MaxControllers)
            {
                Tidy(controller.HostNqn, use);
                return Limit.ControllersOfHost;
            }
            use.Controllers.Add(controller);
            if (port is not null)
            {
                _portOf.Add(controller, port.Id);
                _perPort[port.Id] = _perPort.GetValueOrDefault(port.Id) + 1;
            }
            return null;
        }
    }

    /// <summary>The controller has come to its end.</summary>
    public void Remove(Controller controller)
    {
        lock (_gate)
        {
            HostUse use = Of(controller.HostNqn);
            use.Controllers.Remove(controller);
            Tidy(controller.HostNqn, use);
            if (_portOf.Remove(controller, out ushort portId) && --_perPort[portId] == 0)
                _perPort.Remove(portId);
        }
    }

    /// <summary>Counts an I/O queue in.</summary>
    /// <returns>Null when it is counted, or the limit that is reached.</returns>
    public Limit? TryAddQueue(Nqn host, int entries)
    {
        lock (_gate)
        {
            HostUse use = Of(host);
            HostLimits own = LimitsOf(host);
            Limit? reached = use.Queues >= own.MaxQueues ? Limit.IoQueuesOfHost
                : use.Entries + entries > own.MaxQueueEntries ? Limit.QueueEntriesOfHost
                : null;
            if (reached is null)
            {
                use.Queues++;
                use.Entries += entries;
            }
            Tidy(host, use);
            return reached;
        }
    }

    /// <summary>The I/O queue has come to its end.</summary>
    public void RemoveQueue(Nqn host, int entries)
    {
        lock (_gate)
        {
            HostUse use = Of(host);
            use.Queues--;
            use.Entries -= entries;
            Tidy(host, use);
        }
    }

    /// <summary>A controller whose host has the name of another that is to be connected, and looks like another machine.</summary>
    /// <param name="host">HOSTNQN.</param>
    /// <param name="hostId">HOSTID, 16 bytes.</param>
    /// <param name="local">The address of ours that the host reached.</param>
    /// <param name="remote">Where it is.</param>
    public Controller? FindOther(Nqn host, ReadOnlySpan<byte> hostId, IPEndPoint? local, IPEndPoint? remote)
    {
        lock (_gate)
        {
            if (!_hosts.TryGetValue(host, out HostUse? use))
                return null;
            foreach (Controller known in use.Controllers)
            {
                if (known.IsDiscovery || known.State is ControllerState.Failed or ControllerState.Closed)
                    continue;
                if (!known.HostId.SequenceEqual(hostId) || IsElsewhere(known.AdminQueue, local, remote))
                    return known;
            }
            return null;
        }
    }

    // Through the same address of ours: a host with two paths reaches two.
    private static bool IsElsewhere(QueuePair known, IPEndPoint? local, IPEndPoint? remote) =>
        remote is not null && known.Connection.RemoteEndPoint is { } other && known.Connection.LocalEndPoint is { } reached
        && reached.Equals(local) && !other.Address.Equals(remote.Address);

    private HostUse Of(Nqn host)
    {
        if (!_hosts.TryGetValue(host, out HostUse? use))
            _hosts.Add(host, use = new HostUse());
        return use;
    }

    private HostLimits LimitsOf(Nqn host) => _limits.GetValueOrDefault(host, defaults);

    private void Tidy(Nqn host, HostUse use)
    {
        if (use.Controllers.Count == 0 && use.Queues == 0)
            _hosts.Remove(host);
    }

    private sealed class HostUse
    {
        public HashSet<Controller> Controllers { get; } = [];

        public int Queues { get; set; }

        public int Entries { get; set; }
    }
}
