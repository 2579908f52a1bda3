using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Target.Controllers;

public sealed partial class Controller
{
    [LoggerMessage(1, LogLevel.Information, "Controller {ControllerId} of {SubsystemNqn} was made for host {HostNqn} at {RemoteAddress}, "
        + "Keep Alive Timeout {KeepAliveMilliseconds} ms")]
    private static partial void LogCreated(
        ILogger logger, ushort controllerId, Nqn subsystemNqn, string hostNqn, string remoteAddress, uint keepAliveMilliseconds);

    [LoggerMessage(2, LogLevel.Information, "Controller {ControllerId} of {SubsystemNqn} for host {HostNqn} has ended")]
    private static partial void LogReleased(ILogger logger, ushort controllerId, Nqn subsystemNqn, string hostNqn);

    [LoggerMessage(5, LogLevel.Warning, "A flush failed with status {Status} during the shutdown of controller {ControllerId} of "
        + "{SubsystemNqn}: what host {HostNqn} wrote last may not be durable")]
    private static partial void LogFlushFailed(
        ILogger logger, NvmeStatus status, ushort controllerId, Nqn subsystemNqn, string hostNqn);

    [LoggerMessage(6, LogLevel.Information, "Controller {ControllerId} of {SubsystemNqn} for host {HostNqn} at {RemoteAddress} is ended: "
        + "{Reason}")]
    private static partial void LogEnded(
        ILogger logger, ushort controllerId, Nqn subsystemNqn, string hostNqn, string remoteAddress, string reason);
}
