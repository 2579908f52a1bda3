using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Target.Queues;

internal sealed partial class CommandPipeline
{
    [LoggerMessage(20, LogLevel.Warning, "The device of namespace {NamespaceId} of {SubsystemNqn} threw on {Operation}: the command ends "
        + "with Internal Error")]
    private static partial void LogDeviceThrew(
        ILogger logger, Exception exception, uint namespaceId, Nqn? subsystemNqn, BlockOperation operation);

    [LoggerMessage(21, LogLevel.Error, "A defect of the target: {CommandName} (opcode {Opcode:X2}h) threw on queue {QueueId} of host "
        + "{HostNqn} at {RemoteAddress}; the association ends")]
    private static partial void LogDefect(ILogger logger, Exception exception, string commandName, byte opcode, int queueId,
        string hostNqn, string remoteAddress);
}
