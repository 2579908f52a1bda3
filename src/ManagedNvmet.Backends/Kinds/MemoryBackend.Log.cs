using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Backends.Kinds;

public sealed partial class MemoryBackend
{
    [LoggerMessage(Level = LogLevel.Warning,
        Message =
            "A memory namespace of {SizeBytes} bytes is larger than the memory of {AvailableBytes} bytes: when hosts fill it, the kernel "
            + "ends this process")]
    private static partial void LogBeyondMemory(ILogger logger, ulong sizeBytes, ulong availableBytes);
}
