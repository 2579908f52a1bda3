using System.Net;
using ManagedNvmet.Target.Ana;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Queues;
using ManagedNvmet.Target.Subsystems;

namespace ManagedNvmet.Target;

public sealed partial class NvmeTarget
{
    /// <summary>Replaces the ports with their exported subsystems, discovery entries and ANA states. Ends the associations through a port
    /// that is removed or that no longer exports their subsystem.</summary>
    /// <remarks>Without ports, the target serves every subsystem to every connection, and the discovery log page contains none.</remarks>
    /// <exception cref="ArgumentException">Two ports have the same PORTID, or an ANA group is out of range.</exception>
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

    /// <summary>Changes the state of an ANA group on a port, and notifies the hosts that are connected through it.</summary>
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

    /// <summary>Delays the discovery events until the end of several changes.</summary>
    /// <returns>Dispose it after the last change.</returns>
    public IDisposable BatchChanges() => DiscoveryService.BeginBatch();

    /// <summary>Returns the port of a connection with this local address, or null.</summary>
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

    /// <summary>Returns true when the port of a connection exports a subsystem.</summary>
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
