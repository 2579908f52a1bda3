using System.Net;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Pdu;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

internal sealed partial class ClosedConnectionLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Connection from {Peer} ended: {Reason}")]
    private static partial void LogClosed(ILogger logger, IPEndPoint? peer, CloseReason reason);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Peer} broke the NVMe/TCP protocol and was disconnected: {Status}, information {Information:X}h")]
    private static partial void LogProtocolError(ILogger logger, IPEndPoint? peer, FatalErrorStatus status, uint information);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Peer} ended its connection because of what it took for an error of ours: {Status}, information {Information:X}h")]
    private static partial void LogPeerTerminated(ILogger logger, IPEndPoint? peer, FatalErrorStatus status, uint information);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Peer} connected but sent no ICReq, or no Connect that succeeded, within {Milliseconds} ms; the connection was closed")]
    private static partial void LogHandshakeTimeout(ILogger logger, IPEndPoint? peer, int milliseconds);
}
