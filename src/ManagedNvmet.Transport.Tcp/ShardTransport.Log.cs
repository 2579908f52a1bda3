using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

public abstract partial class ShardTransport
{
    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "An internal error closed the connection from {Peer}; other connections are not affected")]
    private static partial void LogDefect(ILogger logger, Exception exception, string peer);
}
