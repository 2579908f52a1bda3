using ManagedNvmet.Configuration;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet;

public sealed partial class NvmetServer
{
    [LoggerMessage(Level = LogLevel.Information,
        Message = "Disk operations of {Count} of {ShardCount} shards go through worker threads instead of io_uring: {Reason}")]
    private static partial void LogWorkers(ILogger logger, int count, int shardCount, string reason);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Shards do not spin: {Shards} that never sleep under load leave no processor free ({Allowed} of {Online} may be used). "
            + "Fewer shards would")]
    private static partial void LogNoSpin(ILogger logger, int shards, int allowed, int online);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping with {Connections} connections open")]
    private static partial void LogStopping(ILogger logger, int connections);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped")]
    private static partial void LogStopped(ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Name} could not make what was written durable while stopping: {Status}")]
    private static partial void LogFlushFailed(ILogger logger, string name, NvmeStatus status);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Name} did not finish its flush within {Seconds} s of stopping")]
    private static partial void LogFlushUnfinished(ILogger logger, string name, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File}, {Problem}")]
    private static partial void LogProblem(ILogger logger, string file, ConfigurationProblem problem);
}
