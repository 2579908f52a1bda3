using System.Numerics;
using System.Runtime.InteropServices;

namespace ManagedNvmet.Backends;

/// <summary>A namespace that keeps nothing, for measuring everything but the disk: writes are dropped, reads give zeros.</summary>
/// <remarks>Requests are completed inside <see cref="Submit"/>, from any thread.</remarks>
public sealed class NullDevice : BlockDevice
{
    private static byte[] _zeros = [];

    /// <summary>Makes a namespace of any size.</summary>
    /// <param name="sizeBytes">Size in bytes, rounded down to whole blocks, at least one.</param>
    /// <param name="blockSize">Bytes of a logical block: 512, 1024, 2048 or 4096.</param>
    /// <param name="isReadOnly">The namespace is write protected.</param>
    /// <exception cref="BackendException">The sizes do not work.</exception>
    public NullDevice(ulong sizeBytes, int blockSize = 512, bool isReadOnly = false)
    {
        Properties = new BlockDeviceProperties
        {
            BlockSize = blockSize,
            BlockCount = blockSize > 0 ? sizeBytes / (ulong)blockSize : 0,
            IsReadOnly = isReadOnly,
            LendsReadData = true,
            CompletesWritesAtOnce = true,
            SupportsDeallocate = !isReadOnly,
            DeallocatedReadsZero = !isReadOnly,
        };
        if (Properties.Validate() is { } fault)
            throw new BackendException($"A null namespace of {sizeBytes} bytes cannot be made: {fault}.");
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

    // Never written to. Grows to the largest read, which the target's largest transfer bounds; two threads that grow it at once lose one piece
    // of work.
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
