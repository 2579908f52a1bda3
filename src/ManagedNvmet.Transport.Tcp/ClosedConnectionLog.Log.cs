using System.Net;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Pdu;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

internal sealed partial class ClosedConnectionLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Connection from {Peer} closed: {Reason}")]
    private static partial void LogClosed(ILogger logger, IPEndPoint? peer, CloseReason reason);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Peer} violated the NVMe/TCP protocol and was disconnected: {Status}, information {Information:X}h")]
    private static partial void LogProtocolError(ILogger logger, IPEndPoint? peer, FatalErrorStatus status, uint information);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Peer} closed its connection and reports a protocol error of this server: {Status}, information {Information:X}h")]
    private static partial void LogPeerTerminated(ILogger logger, IPEndPoint? peer, FatalErrorStatus status, uint information);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Peer} did not complete the handshake (ICReq and a successful Connect) within {Milliseconds} ms and was disconnected")]
    private static partial void LogHandshakeTimeout(ILogger logger, IPEndPoint? peer, int milliseconds);
}
