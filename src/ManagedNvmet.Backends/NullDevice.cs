using System.Numerics;
using System.Runtime.InteropServices;

namespace ManagedNvmet.Backends;

/// <summary>A device without storage: it discards writes, and reads return zeros. It serves to measure everything except the
/// disk.</summary>
/// <remarks>Requests complete inside <see cref="Submit"/>, on any thread.</remarks>
public sealed class NullDevice : BlockDevice
{
    private static byte[] _zeros = [];

    /// <summary>Creates a device of any size.</summary>
    /// <param name="sizeBytes">Size in bytes, rounded down to whole blocks, at least one block.</param>
    /// <param name="blockSize">Size of a logical block in bytes: 512, 1024, 2048 or 4096.</param>
    /// <param name="isReadOnly">True for a write-protected namespace.</param>
    /// <exception cref="BackendException">A size is invalid.</exception>
    public NullDevice(ulong sizeBytes, int blockSize = 512, bool isReadOnly = false)
    {
        Properties = new BlockDeviceProperties
        {
            BlockSize = blockSize,
            BlockCount = blockSize > 0 ? sizeBytes / (ulong)blockSize : 0,
            IsReadOnly = isReadOnly,
            Capabilities = BlockDeviceCapabilities.LendsReadData | BlockDeviceCapabilities.CompletesWritesAtOnce
                | (isReadOnly
                    ? BlockDeviceCapabilities.None
                    : BlockDeviceCapabilities.Deallocate | BlockDeviceCapabilities.DeallocatedReadsZero),
        };
        if (Properties.Validate() is { } fault)
            throw new BackendException($"A null namespace of {sizeBytes} bytes cannot be created: {fault}.");
    }

    /// <inheritdoc/>
    public override BlockDeviceProperties Properties { get; }

    /// <inheritdoc/>
    public override void Submit(BlockRequest request)
    {
        if (request.Operation == BlockOperation.Read)
            request.CompleteWithLentData(Zeros((int)request.BlockCount * Properties.BlockSize));
        else
            request.Complete(NvmeStatus.Success);
    }

    // Returns shared memory that is never written to. It grows to the size of the largest read, which the target's maximum transfer size
    // limits. When two threads enlarge it at the same time, one of the new arrays is dropped, which does no harm.
    private static ReadOnlyMemory<byte> Zeros(int length)
    {
        byte[] zeros = Volatile.Read(ref _zeros);
        if (zeros.Length < length)
        {
            zeros = GC.AllocateArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)length), pinned: true);
            Volatile.Write(ref _zeros, zeros);
        }
        return MemoryMarshal.CreateFromPinnedArray(zeros, 0, length);
    }
}
