using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Target.Controllers;

internal sealed partial class ControllerTimeouts
{
    [LoggerMessage(3, LogLevel.Warning, "Host {HostNqn} at {RemoteAddress} sent no command for {PeriodMilliseconds} ms: controller "
        + "{ControllerId} of {SubsystemNqn} ends. {Remedy}")]
    private static partial void LogKeepAliveExpired(ILogger logger, string hostNqn, string remoteAddress, long periodMilliseconds,
        ushort controllerId, Nqn subsystemNqn, string remedy);

    [LoggerMessage(4, LogLevel.Warning, "Host {HostNqn} at {RemoteAddress} did not enable controller {ControllerId} of {SubsystemNqn} "
        + "within {PeriodMilliseconds} ms after it was connected, reset or shut down: it ends. See TargetLimits.AssociationMilliseconds")]
    private static partial void LogAssociationExpired(ILogger logger, string hostNqn, string remoteAddress, ushort controllerId,
        Nqn subsystemNqn, long periodMilliseconds);
}
