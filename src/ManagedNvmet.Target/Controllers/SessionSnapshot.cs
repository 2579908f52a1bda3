using ManagedNvmet.Target.Health;
using ManagedNvmet.Target.Queues;
using ManagedNvmet.Target.Sessions;

namespace ManagedNvmet.Target.Controllers;

/// <summary>Makes the report of an association. From any thread; values that other threads are changing may be a little old.</summary>
internal static class SessionSnapshot
{
    /// <summary>The association as it is now.</summary>
    public static Session Of(Controller controller, ControllerTimer timer)
    {
        QueuePair[] io = controller.CopyIoQueues();
        HealthTotals totals = default;
        var queues = new List<SessionQueue>(io.Length + 1) { controller.AdminQueue.GetSnapshot() };
        foreach (QueuePair queue in io)
        {
            queues.Add(queue.GetSnapshot());
            totals += queue.Commands.Totals;
        }
        return new Session
        {
            SubsystemNqn = controller.Subsystem.Nqn,
            ControllerId = controller.Id,
            IsDiscovery = controller.IsDiscovery,
            HostNqn = controller.HostNqn,
            HostId = new Guid(controller.HostId, bigEndian: true),
            PortId = controller.AdminQueue.Port?.Id,
            State = controller.State,
            KeepAliveMilliseconds = controller.KeepAliveMilliseconds,
            KeepAliveLeftMilliseconds = KeepAliveLeft(controller, timer, io),
            ConnectedSince = controller.ConnectedSince,
            Queues = queues,
            Totals = totals,
            ErrorCount = controller.Errors.LifetimeCount,
        };
    }

    // A command since the start of the timer makes the timer start again when it is due.
    private static long? KeepAliveLeft(Controller controller, ControllerTimer timer, QueuePair[] io)
    {
        if (timer.Kind != ControllerTimerKind.KeepAlive)
            return null;
        long left = Math.Max(0, timer.Deadline - controller.AdminQueue.Connection.Scheduler.Now);
        bool wasActive = controller.AdminQueue.Commands.IsActive || Array.Exists(io, static queue => queue.Commands.IsActive);
        return wasActive ? left + controller.KeepAliveMilliseconds : left;
    }
}
