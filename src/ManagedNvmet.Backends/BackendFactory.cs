using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Backends;

/// <summary>Opens what a <see cref="NamespaceSpec"/> describes.</summary>
public static class BackendFactory
{
    /// <summary>Opens the device.</summary>
    /// <exception cref="BackendException">It cannot be opened; the message is for a person.</exception>
    public static BlockDevice Open(NamespaceSpec spec, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(spec);
        int blockSize = spec.BlockSize ?? BlockDeviceProperties.MinBlockSize;
        return spec.Kind switch
        {
            NamespaceKind.Memory => new MemoryDevice(spec.SizeBytes, blockSize, spec.IsReadOnly),
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
}
