using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Target.Queues;

public sealed partial class QueuePair
{
    [LoggerMessage(20, LogLevel.Warning, "The device of namespace {NamespaceId} of {SubsystemNqn} threw on {Operation}: the command ends "
        + "with Internal Error")]
    private static partial void LogDeviceThrew(
        ILogger logger, Exception exception, uint namespaceId, Nqn? subsystemNqn, BlockOperation operation);

    [LoggerMessage(22, LogLevel.Warning, "The device of namespace {NamespaceId} of {SubsystemNqn} gave a place of {PlaceBytes} bytes for a write "
        + "of {WriteBytes}, or threw: the write goes on with a buffer")]
    private static partial void LogNoPlace(
        ILogger logger, Exception? exception, uint namespaceId, Nqn? subsystemNqn, int placeBytes, uint writeBytes);

    [LoggerMessage(21, LogLevel.Error, "A defect of the target: {CommandName} (opcode {Opcode:X2}h) threw on queue {QueueId} of host "
        + "{HostNqn} at {RemoteAddress}; the association ends")]
    private static partial void LogDefect(ILogger logger, Exception exception, string commandName, byte opcode, int queueId,
        string hostNqn, string remoteAddress);
}
