using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target.Logging;

namespace ManagedNvmet.Target.Controllers;

/// <summary>The time-outs of one controller: Keep Alive, idle discovery controllers, and controllers that are not enabled.</summary>
/// <remarks>Belongs to the thread of the admin queue, but for <see cref="Timer"/>, which others may read.</remarks>
internal sealed partial class ControllerTimeouts(Controller controller, NvmeTarget target)
{
    private const int KeepAliveUnitMilliseconds = 100;

    /// <summary>The one timer that runs.</summary>
    public ControllerTimer Timer { get; } = new();

    /// <summary>When <see cref="OnTimer"/> is due, on the clock of the admin queue.</summary>
    public long Deadline => Timer.Deadline;

    /// <summary>Starts the timer that the state of the controller asks for.</summary>
    public void Restart()
    {
        long now = controller.AdminQueue.Connection.Scheduler.Now;
        switch (controller.State)
        {
            case ControllerState.Ready when controller.KeepAliveMilliseconds != 0:
                long unit = (long)controller.Limits.KeepAliveGranularity * KeepAliveUnitMilliseconds;
                Timer.Start(ControllerTimerKind.KeepAlive, now, (controller.KeepAliveMilliseconds + unit - 1) / unit * unit);
                break;
            case ControllerState.Ready when controller.IsDiscovery:
                Timer.Start(ControllerTimerKind.Idle, now, controller.Limits.DiscoveryIdleMilliseconds);
                break;
            case ControllerState.Ready or ControllerState.Failed or ControllerState.Closed:
                Timer.Start(ControllerTimerKind.None, now, 0);
                break;
            default:
                Timer.Start(ControllerTimerKind.Association, now, controller.Limits.AssociationMilliseconds);
                break;
        }
        controller.AdminQueue.Connection.DeadlineChanged();
    }

    /// <summary>Stops the timer: the association is over.</summary>
    public void Stop() => Timer.Start(ControllerTimerKind.None, 0, 0);

    /// <summary>Ends the association if its time-out has run out without a command.</summary>
    public void OnTimer(long now)
    {
        if (now < Timer.Deadline || !Timer.Check(now, controller.TakeActivity()))
            return;
        string host = LogText.Escape(controller.HostNqn.Text);
        string address = controller.AdminQueue.RemoteAddress;
        if (Timer.Kind == ControllerTimerKind.Association)
        {
            if (target.Limiter.TryEnter())
            {
                LogAssociationExpired(target.Logger, host, address, controller.Id, controller.Subsystem.Nqn,
                    controller.Limits.AssociationMilliseconds);
            }
            controller.EndAssociation(CloseReason.AssociationEnded);
            return;
        }
        if (target.Limiter.TryEnter())
        {
            bool isIdle = Timer.Kind == ControllerTimerKind.Idle;
            LogKeepAliveExpired(target.Logger, host, address,
                isIdle ? controller.Limits.DiscoveryIdleMilliseconds : controller.KeepAliveMilliseconds, controller.Id,
                controller.Subsystem.Nqn,
                isIdle ? "See TargetLimits.DiscoveryIdleMilliseconds" : "The host sets the Keep Alive Timeout when it connects");
        }
        controller.Fail(CloseReason.KeepAliveTimeout);
    }
}
