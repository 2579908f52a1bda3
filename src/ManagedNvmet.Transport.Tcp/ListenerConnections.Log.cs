using System.Net;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

public sealed partial class ListenerConnections
{
    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Cannot accept on {EndPoint} ({Error}): no file descriptor or memory left; trying again in {Milliseconds} ms. "
            + "A higher LimitNOFILE (ulimit -n) would help")]
    private static partial void LogNoDescriptor(ILogger logger, IPEndPoint endPoint, string error, int milliseconds);
}
