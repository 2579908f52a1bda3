using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Target.Queues;

internal static partial class ConnectExecution
{
    [LoggerMessage(10, LogLevel.Warning, "Refused host {HostNqn} at {RemoteAddress} as queue {QueueId} of {SubsystemNqn}: {Reason} "
        + "(status {Status}). {Remedy}")]
    private static partial void LogRefused(ILogger logger, string hostNqn, string remoteAddress, int queueId, string subsystemNqn,
        string reason, NvmeStatus status, string remedy);

    [LoggerMessage(11, LogLevel.Warning, "A host at {RemoteAddress} uses {SubsystemNqn} with an empty host NQN, against the "
        + "specification. It is served because any host may use the subsystem. This line appears once; give each host a name (nvme "
        + "gen-hostnqn)")]
    private static partial void LogUnnamed(ILogger logger, string remoteAddress, Nqn subsystemNqn);
}
