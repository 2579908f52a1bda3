using System.Net;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Discovery;
using ManagedNvmet.Target.Events;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Refusals;

namespace ManagedNvmet.Target.Subsystems;

/// <summary>Builds the discovery log of each discovery controller, and decides which controllers get an event after a change.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class DiscoveryService(NvmeTarget target, bool tellsOfItself)
{
    // EFLAGS of the entries about this discovery subsystem: every one leads to the same content (DUPRETINFO), and a host may stay
    // connected (EPCSD).
    private const ushort ReturnsTheSame = 1 << 0;
    private const ushort IsPersistent = 1 << 1;

    private readonly Lock _gate = new();
    private ulong _generation = 1;
    private int _batches;
    private bool _isChangeDue;

    /// <summary>Returns the current discovery log of a controller's host.</summary>
    public DiscoveryLog LogOf(Controller controller, bool isPortLocal)
    {
        DiscoveryView view;
        lock (_gate)
            view = controller.Discovery ??= Make(controller, _generation);
        return isPortLocal ? view.Local : view.All;
    }

    /// <summary>Something has changed that discovery may tell of: raises the event on the controllers whose host sees a
    /// difference.</summary>
    public void Changed()
    {
        lock (_gate)
        {
            if (_batches > 0)
            {
                _isChangeDue = true;
                return;
            }
            _generation++;
        }
        foreach (Controller controller in target.Discovery.Controllers)
        {
            if (HasChanged(controller))
                controller.Raise(AsyncEvent.DiscoveryLogChanged);
        }
    }

    /// <summary>Puts off what <see cref="Changed"/> does until the end of a batch of changes.</summary>
    public IDisposable BeginBatch()
    {
        lock (_gate)
            _batches++;
        return new Batch(this);
    }

    private bool HasChanged(Controller controller)
    {
        lock (_gate)
        {
            // The host has not read the log yet, so any content is a change for it.
            if (controller.Discovery is not { } before)
                return true;
            DiscoveryView now = Make(controller, _generation);
            if (now.SaysTheSame(before))
                return false;
            controller.Discovery = now;
            return true;
        }
    }

    private void EndBatch()
    {
        bool isDue;
        lock (_gate)
        {
            isDue = --_batches == 0 && _isChangeDue;
            if (isDue)
                _isChangeDue = false;
        }
        if (isDue)
            Changed();
    }

    private DiscoveryView Make(Controller controller, ulong current)
    {
        Port? reached = controller.AdminQueue.Port;
        DiscoveryLog local = Make(controller, current, reached is null ? [] : [reached], reached);
        DiscoveryLog all = reached is { IsDiscoveryLocal: true } ? local : Make(controller, current, target.Ports, reached);
        return new DiscoveryView(all, local);
    }

    private DiscoveryLog Make(Controller controller, ulong current, ReadOnlySpan<Port> ports, Port? reached)
    {
        IPAddress? remote = controller.AdminQueue.Connection.RemoteEndPoint?.Address;
        DiscoveryAddress[] addresses = DiscoveryAddress.Resolve(ports, controller.AdminQueue.Connection.LocalEndPoint?.Address);
        var records = new List<DiscoveryRecord>();
        foreach (DiscoveryAddress address in tellsOfItself ? addresses : [])
            records.Add(DiscoveryRecord.Of(DiscoveryRecordKind.CurrentDiscovery, target.Discovery.Nqn, address, OwnFlags()));
        foreach (Subsystem subsystem in target.Subsystems)
        {
            if (subsystem.IsHidden || subsystem.CheckAccess(controller.HostNqn, controller.HostId, remote) != RefusalReason.None)
                continue;
            foreach (DiscoveryAddress address in addresses)
            {
                if (address.Port.Exports(subsystem.Nqn))
                    records.Add(DiscoveryRecord.Of(DiscoveryRecordKind.NvmSubsystem, subsystem.Nqn, address));
            }
        }
        foreach (Referral referral in reached?.Referrals ?? [])
        {
            if (referral.VisibleTo is { } visible && !visible.Contains(controller.HostNqn))
                continue;
            records.Add(new DiscoveryRecord(DiscoveryRecordKind.Referral, referral.Nqn, Addresses.Plain(referral.Address), referral.TcpPort,
                referral.PortId, referral.SecureChannel, referral.Security, 0));
        }
        return new DiscoveryLog(current, [.. records], target.Limits.MaxAdminQueueEntries);
    }

    private ushort OwnFlags()
    {
        foreach (Port port in target.Ports)
        {
            if (port.IsDiscoveryLocal || !port.Referrals.IsEmpty)
                return IsPersistent;
        }
        return IsPersistent | ReturnsTheSame;
    }

    private sealed class Batch(DiscoveryService owner) : IDisposable
    {
        private int _isEnded;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isEnded, 1) == 0)
                owner.EndBatch();
        }
    }
}
