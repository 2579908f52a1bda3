using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Pdu;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Logs why connections closed. Limits the warnings about peers to 10 per second.</summary>
internal sealed partial class ClosedConnectionLog(ILogger logger)
{
    // Peers must not be able to fill the log.
    private const int MaxWarningsPerSecond = 10;

    private long _second;
    private int _warnings;

    /// <summary>Logs that a connection has closed, and why. May be called from any thread.</summary>
    public void Report(ControllerConnection connection)
    {
        if (connection.CloseReason is not (CloseReason.ProtocolError or CloseReason.PeerTerminated or CloseReason.HandshakeTimeout))
        {
            LogClosed(logger, connection.RemoteEndPoint, connection.CloseReason);
            return;
        }
        long second = Environment.TickCount64 / 1000;
        if (Interlocked.Exchange(ref _second, second) != second)
            Volatile.Write(ref _warnings, 0);
        if (Interlocked.Increment(ref _warnings) > MaxWarningsPerSecond)
            return;
        PduError error = connection.Error;
        switch (connection.CloseReason)
        {
            case CloseReason.ProtocolError:
                LogProtocolError(logger, connection.RemoteEndPoint, error.Status, error.Information);
                break;
            case CloseReason.PeerTerminated:
                LogPeerTerminated(logger, connection.RemoteEndPoint, error.Status, error.Information);
                break;
            default:
                LogHandshakeTimeout(logger, connection.RemoteEndPoint, connection.Limits.HandshakeMilliseconds);
                break;
        }
    }
}
