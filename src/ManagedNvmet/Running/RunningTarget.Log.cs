using System.Net;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Running;

internal sealed partial class RunningTarget
{
    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Namespace {NamespaceId} of {Subsystem} is not ready, and is tried again until it is: {Reason}")]
    private static partial void LogWaiting(ILogger logger, uint namespaceId, Nqn subsystem, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Namespace {NamespaceId} of {Subsystem} is ready now: {Device}")]
    private static partial void LogCame(ILogger logger, uint namespaceId, Nqn subsystem, string device);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Namespace {NamespaceId} of {Subsystem} has grown with {Device}, from {OldBytes} to {NewBytes} bytes")]
    private static partial void LogGrown(ILogger logger, uint namespaceId, Nqn subsystem, string device, ulong oldBytes, ulong newBytes);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Namespace {NamespaceId} of {Subsystem} has been cut with {Device}, from {OldBytes} to {NewBytes} bytes")]
    private static partial void LogShrunk(ILogger logger, uint namespaceId, Nqn subsystem, string device, ulong oldBytes, ulong newBytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Namespace {NamespaceId} of {Subsystem} is {Access} now, as {Device} is")]
    private static partial void LogWriteProtection(ILogger logger, uint namespaceId, Nqn subsystem, string device, string access);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Port {PortId} does not listen, and is tried again until it does: {Reason}")]
    private static partial void LogPortWaiting(ILogger logger, ushort portId, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Port {PortId} listens on {EndPoint} now")]
    private static partial void LogPortCame(ILogger logger, ushort portId, IPEndPoint endPoint);

    [LoggerMessage(Level = LogLevel.Error, Message = "A device could not be closed: {Reason}")]
    private static partial void LogCloseFailed(ILogger logger, string reason);
}
