using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

public abstract partial class ShardTransport
{
    [LoggerMessage(Level = LogLevel.Error, Message = "A defect of ours ended the connection from {Peer}; all others go on")]
    private static partial void LogDefect(ILogger logger, Exception exception, string peer);
}
