namespace ManagedNvmet.Testing;

/// <summary>A device in memory that checks its use: it throws on a request that the target should have refused.</summary>
public sealed class TestDevice(ulong blockCount = 256, int blockSize = 512) : BlockDevice
{
    private readonly byte[] _store = new byte[(long)blockCount * blockSize];
    private readonly Queue<BlockRequest> _held = new();

    public override BlockDeviceProperties Properties { get; } = new()
    {
        BlockSize = blockSize,
        BlockCount = blockCount,
        HasVolatileCache = true,
        Capabilities = BlockDeviceCapabilities.Deallocate | BlockDeviceCapabilities.DeallocatedReadsZero,
    };

    /// <summary>True to hold requests until <see cref="CompleteHeld"/>. </summary>
    public bool Holds { get; set; }

    public int Outstanding => _held.Count;

    public override void Submit(BlockRequest request)
    {
        if (Holds)
        {
            _held.Enqueue(request);
            return;
        }
        request.Complete(Run(request));
    }

    /// <summary>Completes the held requests in order. Returns false when there were none.</summary>
    public bool CompleteHeld()
    {
        bool hadWork = _held.Count > 0;
        for (int left = _held.Count; left > 0; left--)
        {
            BlockRequest request = _held.Dequeue();
            request.Complete(Run(request));
        }
        return hadWork;
    }

    private NvmeStatus Run(BlockRequest request)
    {
        switch (request.Operation)
        {
            case BlockOperation.Read:
                Range(request.FirstBlock, request.BlockCount, request.Data.Length).CopyTo(request.Data.Span);
                break;
            case BlockOperation.Write:
                request.Data.Span.CopyTo(Range(request.FirstBlock, request.BlockCount, request.Data.Length));
                break;
            case BlockOperation.WriteZeroes:
                Range(request.FirstBlock, request.BlockCount, -1).Clear();
                break;
            case BlockOperation.Deallocate:
                foreach (BlockRange range in request.Ranges)
                    Range(range.FirstBlock, range.BlockCount, -1).Clear();
                break;
            default:
                break;
        }
        return NvmeStatus.Success;
    }

    private Span<byte> Range(ulong firstBlock, ulong count, int bytes)
    {
        int size = Properties.BlockSize;
        if (count == 0 || firstBlock >= Properties.BlockCount || count > Properties.BlockCount - firstBlock)
            throw new InvalidOperationException($"The device was given blocks {firstBlock} + {count} of {Properties.BlockCount}.");
        if (bytes >= 0 && (ulong)bytes != count * (ulong)size)
            throw new InvalidOperationException($"The device was given {bytes} bytes for {count} blocks of {size}.");
        return _store.AsSpan((int)firstBlock * size, (int)count * size);
    }
}
