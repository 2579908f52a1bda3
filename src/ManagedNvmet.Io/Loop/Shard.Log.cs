using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Io.Loop;

public sealed partial class Shard
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Shard {Index} carries disk operations through io_uring")]
    private static partial void LogUring(ILogger logger, int index);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Shard {Index} carries disk operations by worker threads: {Reason}")]
    private static partial void LogWorkers(ILogger logger, int index, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Unexpected error on shard {Index}; the shard goes on")]
    private static partial void LogUnhandled(ILogger logger, Exception exception, int index);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Shard {Index} stopped with {Count} disk operations outstanding; their memory is kept until the process ends")]
    private static partial void LogAbandoned(ILogger logger, int index, int count);
}
