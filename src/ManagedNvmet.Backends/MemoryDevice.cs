namespace ManagedNvmet.Backends;

/// <summary>A namespace in memory. It begins as zeros, takes only the memory that was written, and is gone when the process ends.</summary>
/// <remarks>One that is no larger than a quarter of the memory of the machine, or of the container, uses huge pages where the kernel has
/// them to give: it takes memory in pieces of 2 MiB then, and gives back in pieces of 2 MiB what is deallocated. A larger one takes pages of
/// 4 KiB, so that a thin disk stays thin.
/// Requests are completed inside <see cref="Submit"/>, from any thread. There is no volatile cache: a power failure takes
/// everything, which no Flush could change. A read that meets a write of the same block may give some of either.</remarks>
public sealed class MemoryDevice : BlockDevice
{
    private const int GiveBackBytes = 64 * 1024;

    // Written here and there, a disk in huge pages may take all of its size: that must not be the machine's memory.
    private const ulong HugePagesShare = 4;

    private readonly NativeMemoryMap _memory;
    private bool _isClosed;

    /// <summary>Claims address space only.</summary>
    /// <param name="sizeBytes">Size in bytes, rounded down to whole blocks, at least one.</param>
    /// <param name="blockSize">Bytes of a logical block: 512, 1024, 2048 or 4096.</param>
    /// <param name="isReadOnly">The namespace is write protected, and so zeros for ever.</param>
    /// <exception cref="BackendException">The sizes do not work, or the kernel does not give so much address space.</exception>
    public MemoryDevice(ulong sizeBytes, int blockSize = 512, bool isReadOnly = false)
    {
        Properties = new BlockDeviceProperties
        {
            BlockSize = blockSize,
            BlockCount = blockSize > 0 ? sizeBytes / (ulong)blockSize : 0,
            PhysicalBlockSize = NativeMemoryMap.PageBytes,
            IsReadOnly = isReadOnly,
            LendsReadData = true,
            CompletesWritesAtOnce = true,
            SupportsDeallocate = !isReadOnly,
            DeallocatedReadsZero = !isReadOnly,
            DeallocateGranularity = NativeMemoryMap.PageBytes,
        };
        if (Properties.Validate() is { } fault)
            throw new BackendException($"A memory namespace of {sizeBytes} bytes cannot be made: {fault}.");
        try
        {
            ulong machine = (ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            _memory = new NativeMemoryMap(Properties.SizeBytes, wantsHugePages: Properties.SizeBytes <= machine / HugePagesShare);
        }
        catch (OutOfMemoryException e)
        {
            throw new BackendException($"A memory namespace of {sizeBytes} bytes cannot be made: {e.Message} Choose a smaller size.", e);
        }
    }

    /// <inheritdoc/>
    public override BlockDeviceProperties Properties { get; }

    /// <inheritdoc/>
    public override void Submit(BlockRequest request)
    {
        ulong offset = request.FirstBlock * (ulong)Properties.BlockSize;
        switch (request.Operation)
        {
            case BlockOperation.Read:
                request.CompleteWithLentData(_memory.Lend(offset, (int)request.BlockCount * Properties.BlockSize));
                return;
            case BlockOperation.Write:
                StreamingCopy.Copy(request.Data.Span, _memory.Slice(offset, request.Data.Length));
                break;
            case BlockOperation.WriteZeroes:
                // For many pages, giving them back is also the fastest way to clear them.
                ulong length = request.BlockCount * (ulong)Properties.BlockSize;
                _memory.Clear(offset, length, giveBack: request.DeallocateHint || length >= GiveBackBytes);
                break;
            case BlockOperation.Deallocate:
                ulong blockSize = (ulong)Properties.BlockSize;
                foreach (BlockRange range in request.Ranges)
                    _memory.Clear(range.FirstBlock * blockSize, range.BlockCount * blockSize, giveBack: true);
                break;
        }
        request.Complete(NvmeStatus.Success);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        if (!_isClosed)
            _memory.Dispose();
        _isClosed = true;
        return base.DisposeAsync();
    }
}
