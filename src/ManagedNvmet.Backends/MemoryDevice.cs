namespace ManagedNvmet.Backends;

/// <summary>A device in the memory of the process. It is initially zero, uses memory only for written blocks, and loses its contents when
/// the process ends.</summary>
/// <remarks>A device of at most a quarter of the memory of the machine or container uses huge pages where the kernel provides them. It then
/// allocates and frees memory in units of 2 MiB. A larger device uses pages of 4 KiB, so that a sparsely written disk needs little memory.
/// Requests complete inside <see cref="Submit"/>, on any thread. The device reports no volatile cache, because a Flush could not save
/// anything from a power failure. A read that runs at the same time as a write of the same block may return a mixture of both.</remarks>
public sealed class MemoryDevice : BlockDevice
{
    // Write Zeroes of at least this many bytes frees the pages, which is also the fastest way to clear them.
    private const int FreePagesThresholdBytes = 64 * 1024;

    // With huge pages, scattered writes may make the disk use memory for its whole size, so it must be small compared with the machine.
    private const ulong HugePagesDivisor = 4;

    private readonly NativeMemoryMap _memory;
    private bool _isClosed;

    /// <summary>Creates a device. It reserves address space and no memory.</summary>
    /// <param name="sizeBytes">Size in bytes, rounded down to whole blocks, at least one block.</param>
    /// <param name="blockSize">Size of a logical block in bytes: 512, 1024, 2048 or 4096.</param>
    /// <param name="isReadOnly">True for a write-protected namespace, whose contents are always zero.</param>
    /// <exception cref="BackendException">A size is invalid, or the kernel refuses that much address space.</exception>
    public MemoryDevice(ulong sizeBytes, int blockSize = 512, bool isReadOnly = false)
    {
        Properties = new BlockDeviceProperties
        {
            BlockSize = blockSize,
            BlockCount = blockSize > 0 ? sizeBytes / (ulong)blockSize : 0,
            PhysicalBlockSize = NativeMemoryMap.PageBytes,
            IsReadOnly = isReadOnly,
            Capabilities = BlockDeviceCapabilities.LendsReadData | BlockDeviceCapabilities.CompletesWritesAtOnce
                | (isReadOnly
                    ? BlockDeviceCapabilities.None
                    : BlockDeviceCapabilities.Deallocate | BlockDeviceCapabilities.DeallocatedReadsZero),
            DeallocateGranularity = NativeMemoryMap.PageBytes,
        };
        if (Properties.Validate() is { } fault)
            throw new BackendException($"A memory namespace of {sizeBytes} bytes cannot be created: {fault}.");
        try
        {
            ulong machine = (ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            _memory = new NativeMemoryMap(Properties.SizeBytes, wantsHugePages: Properties.SizeBytes <= machine / HugePagesDivisor);
        }
        catch (OutOfMemoryException e)
        {
            throw new BackendException($"A memory namespace of {sizeBytes} bytes cannot be created: {e.Message} Choose a smaller size.", e);
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
                ulong length = request.BlockCount * (ulong)Properties.BlockSize;
                _memory.Clear(offset, length, freePages: request.DeallocateHint || length >= FreePagesThresholdBytes);
                break;
            case BlockOperation.Deallocate:
                ulong blockSize = (ulong)Properties.BlockSize;
                foreach (BlockRange range in request.Ranges)
                    _memory.Clear(range.FirstBlock * blockSize, range.BlockCount * blockSize, freePages: true);
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
