using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Backends.Kinds;

/// <summary>Memory of the process: <c>mem:SIZE</c>.</summary>
public sealed partial class MemoryBackend : SizedBackend
{
    /// <inheritdoc/>
    public override string Scheme => "mem";

    /// <inheritdoc/>
    public override BlockDevice Open(NamespaceSpec spec, ILogger logger)
    {
        ulong bytes = SizeOf(spec.Subject);
        ulong available = (ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (bytes > available)
            LogBeyondMemory(logger, bytes, available);
        return new MemoryDevice(bytes, BlockSizeOf(spec), spec.IsReadOnly);
    }

    /// <inheritdoc/>
    public override string Describe(BlockDevice device) => "memory, lost when the server stops";
}
