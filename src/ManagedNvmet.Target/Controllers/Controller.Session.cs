using ManagedNvmet.Target.Health;
using ManagedNvmet.Target.Queues;
using ManagedNvmet.Target.Sessions;
using ManagedNvmet.Target.Subsystems;

namespace ManagedNvmet.Target.Controllers;

public sealed partial class Controller
{
    /// <summary>The association as it is now. From any thread; what other threads are just changing may be a little old.</summary>
    public Session GetSession()
    {
        QueuePair[] io = CopyIoQueues();
        HealthTotals totals = default;
        var queues = new List<SessionQueue>(io.Length + 1) { AdminQueue.GetSnapshot() };
        foreach (QueuePair queue in io)
        {
            queues.Add(queue.GetSnapshot());
            totals += queue.Totals;
        }
        return new Session
        {
            SubsystemNqn = Subsystem.Nqn,
            ControllerId = Id,
            IsDiscovery = IsDiscovery,
            HostNqn = HostNqn,
            HostId = new Guid(_hostId, bigEndian: true),
            PortId = AdminQueue.Port?.Id,
            State = State,
            KeepAliveMilliseconds = KeepAliveMilliseconds,
            KeepAliveLeftMilliseconds = KeepAliveLeft(io),
            ConnectedSince = ConnectedSince,
            Queues = queues,
            Totals = totals,
            ErrorCount = Errors.LifetimeCount,
        };
    }

    // What came since the timer was started keeps it from running out when it is due: it is started again then.
    private long? KeepAliveLeft(QueuePair[] io)
    {
        if (_timer.Kind != ControllerTimerKind.KeepAlive)
            return null;
        long left = Math.Max(0, _timer.Deadline - AdminQueue.Connection.Scheduler.Now);
        bool wasActive = AdminQueue.IsActive || Array.Exists(io, static queue => queue.IsActive);
        return wasActive ? left + KeepAliveMilliseconds : left;
    }
}
