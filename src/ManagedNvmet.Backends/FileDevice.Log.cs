using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Backends;

public sealed partial class FileDevice
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} is served through the page cache: {Reason}")]
    internal static partial void LogBuffered(ILogger logger, string path, string reason);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Path} has {SizeBytes} bytes; the last {LostBytes} do not fill a block of {BlockSize} and are not served")]
    internal static partial void LogRoundedDown(ILogger logger, string path, long sizeBytes, long lostBytes, int blockSize);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} is {User}; it is served all the same because that was forced")]
    internal static partial void LogForced(ILogger logger, string path, string user);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} cannot be locked ({Reason}): nothing keeps a second server from serving it")]
    internal static partial void LogNotLocked(ILogger logger, string path, string reason);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Path} has {SizeBytes} bytes, and its file system has {FreeBytes} free: writes of hosts fail when these are used up")]
    internal static partial void LogBeyondFreeSpace(ILogger logger, string path, long sizeBytes, long freeBytes);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "{Path} exists already and keeps its size: the request to create it with {SizeBytes} bytes has no effect")]
    internal static partial void LogNotCreated(ILogger logger, string path, long sizeBytes);

    [LoggerMessage(Level = LogLevel.Information, Message = "Created {Path} with {SizeBytes} bytes")]
    internal static partial void LogCreated(ILogger logger, string path, long sizeBytes);
}
