using System.Net;
using ManagedNvmet.Target.Ana;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Queues;
using ManagedNvmet.Target.Subsystems;

namespace ManagedNvmet.Target;

public sealed partial class NvmeTarget
{
    /// <summary>Replaces the ports: what is exported where, what discovery tells of them, and their ANA states. Associations over a port
    /// that is gone, or that their subsystem is no longer exported on, are ended; those of others are not touched.</summary>
    /// <remarks>While there is no port, every subsystem is served wherever a connection comes from, and discovery tells of none.</remarks>
    /// <exception cref="ArgumentException">Two ports have one PORTID, or an ANA group is out of range.</exception>
    public void SetPorts(IReadOnlyCollection<Port> listeners)
    {
        var ids = new HashSet<ushort>();
        foreach (Port port in listeners)
        {
            if (port.Id == 0 || !ids.Add(port.Id))
                throw new ArgumentException($"Two ports have the number {port.Id}, or it is 0.", nameof(listeners));
            foreach (uint group in port.AnaStates.Keys)
            {
                if (group < 1 || group > Limits.MaxAnaGroups)
                {
                    throw new ArgumentException($"Port {port.Id} has ANA group {group}, expected 1 to {Limits.MaxAnaGroups}; see "
                        + $"{nameof(TargetLimits.MaxAnaGroups)}.", nameof(listeners));
                }
            }
        }
        lock (_gate)
            _ports = [.. listeners];
        OnPortsChanged();
    }

    /// <summary>Changes the state of an ANA group as seen through one port, and tells the hosts that came in there.</summary>
    /// <exception cref="ArgumentException">There is no such port, or the group is out of range.</exception>
    public void SetAnaState(ushort portId, uint group, AnaState state)
    {
        if (group < 1 || group > Limits.MaxAnaGroups)
            throw new ArgumentException($"The ANA group is {group}, expected 1 to {Limits.MaxAnaGroups}.", nameof(group));
        lock (_gate)
        {
            int index = Array.FindIndex(_ports, port => port.Id == portId);
            if (index < 0)
                throw new ArgumentException($"There is no port {portId}.", nameof(portId));
            Port[] changed = [.. _ports];
            changed[index] = changed[index] with { AnaStates = changed[index].AnaStates.SetItem(group, state) };
            _ports = changed;
        }
        OnPortsChanged();
    }

    /// <summary>Puts off what discovery controllers are told of until the end of several changes.</summary>
    /// <returns>To be disposed at the end.</returns>
    public IDisposable BatchChanges() => DiscoveryService.BeginBatch();

    /// <summary>The port that a connection to this address of ours came in by, or null.</summary>
    internal Port? FindPort(IPEndPoint? local)
    {
        if (local is null)
            return null;
        Port? wildcard = null;
        foreach (Port port in _ports)
        {
            if (!port.IsAt(local))
                continue;
            if (!Addresses.IsWildcard(port.Address))
                return port;
            wildcard ??= port;
        }
        return wildcard;
    }

    /// <summary>True when a subsystem is served to a connection.</summary>
    internal bool IsExported(QueuePair queue, Nqn subsystem) =>
        _ports.Length == 0 || queue.Connection.LocalEndPoint is null || queue.Port is { } port && port.Exports(subsystem);

    private void OnPortsChanged()
    {
        foreach (Subsystem subsystem in _subsystems)
        {
            subsystem.UpdateViews();
            foreach (Controller controller in subsystem.Controllers)
            {
                if (!IsExported(controller.AdminQueue, subsystem.Nqn))
                    controller.EndBecause("the subsystem is not exported any more where the host came in");
            }
        }
        foreach (Controller controller in Discovery.Controllers)
        {
            if (_ports.Length > 0 && controller.AdminQueue is { Port: null, Connection.LocalEndPoint: not null })
                controller.EndBecause("the port that the host came in by is gone");
        }
        DiscoveryChanged();
    }
}
