using System.Net;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Pdu;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

public sealed partial class TcpListener
{
    // What one second may write about peers that break the protocol: a peer must not choose the size of the log.
    private const int MaxClosedLinesPerSecond = 10;

    private long _closedLogSecond;
    private int _closedLogLines;

    private void ReportClosed(ControllerConnection connection)
    {
        if (connection.CloseReason is not (CloseReason.ProtocolError or CloseReason.PeerTerminated or CloseReason.HandshakeTimeout))
        {
            LogClosed(_logger, connection.RemoteEndPoint, connection.CloseReason);
            return;
        }
        long second = Environment.TickCount64 / 1000;
        if (Interlocked.Exchange(ref _closedLogSecond, second) != second)
            Volatile.Write(ref _closedLogLines, 0);
        if (Interlocked.Increment(ref _closedLogLines) > MaxClosedLinesPerSecond)
            return;
        PduError error = connection.Error;
        switch (connection.CloseReason)
        {
            case CloseReason.ProtocolError:
                LogProtocolError(_logger, connection.RemoteEndPoint, error.Status, error.Information);
                break;
            case CloseReason.PeerTerminated:
                LogPeerTerminated(_logger, connection.RemoteEndPoint, error.Status, error.Information);
                break;
            default:
                LogHandshakeTimeout(_logger, connection.RemoteEndPoint, connection.Limits.HandshakeMilliseconds);
                break;
        }
    }

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

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Cannot accept on {EndPoint} (errno {Errno}): no file descriptor or memory left; trying again in {Milliseconds} ms. "
            + "A higher LimitNOFILE (ulimit -n) would help")]
    private static partial void LogNoDescriptor(ILogger logger, IPEndPoint endPoint, int errno, int milliseconds);
}
