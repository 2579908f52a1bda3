using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Backends;

/// <summary>Opens what a <see cref="NamespaceSpec"/> describes.</summary>
public static partial class BackendFactory
{
    /// <summary>Opens the device.</summary>
    /// <exception cref="BackendException">It cannot be opened; the message is for a person.</exception>
    public static BlockDevice Open(NamespaceSpec spec, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(spec);
        int blockSize = spec.BlockSize ?? BlockDeviceProperties.MinBlockSize;
        return spec.Kind switch
        {
            NamespaceKind.Memory => OpenMemory(spec, blockSize, logger),
            NamespaceKind.Null => new NullDevice(spec.SizeBytes, blockSize, spec.IsReadOnly),
            _ => FileDevice.Open(new FileDeviceOptions
            {
                Path = spec.Path,
                IsReadOnly = spec.IsReadOnly,
                BlockSize = spec.BlockSize,
                IsBuffered = spec.IsBuffered,
                IsForced = spec.IsForced,
                CreateBytes = (long?)spec.CreateBytes,
            }, logger),
        };
    }

    private static MemoryDevice OpenMemory(NamespaceSpec spec, int blockSize, ILogger logger)
    {
        ulong available = (ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (spec.SizeBytes > available)
            LogBeyondMemory(logger, spec.SizeBytes, available);
        return new MemoryDevice(spec.SizeBytes, blockSize, spec.IsReadOnly);
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "A memory namespace of {SizeBytes} bytes is larger than the memory of {AvailableBytes} bytes: when hosts fill it, the kernel "
            + "ends this process")]
    private static partial void LogBeyondMemory(ILogger logger, ulong sizeBytes, ulong availableBytes);
}
