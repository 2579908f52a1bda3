using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Target.Commands.Fabrics;

internal sealed partial class ConnectCommand
{
    [LoggerMessage(10, LogLevel.Warning, "Refused host {HostNqn} at {RemoteAddress} as queue {QueueId} of {SubsystemNqn}: {Reason} "
        + "(status {Status}). {Remedy}")]
    private static partial void LogRefused(ILogger logger, string hostNqn, string remoteAddress, int queueId, string subsystemNqn,
        string reason, NvmeStatus status, string remedy);
}
