namespace ManagedNvmet.Target.Tests.Core;

/// <summary>A device without storage. The test decides when its requests complete.</summary>
internal sealed class SimulatedDevice : BlockDevice
{
    private readonly Queue<BlockRequest> _held = new();

    public bool IsHolding { get; set; }

    public int FlushCount { get; private set; }

    public int WriteCount { get; private set; }

    public int Outstanding => _held.Count;

    /// <summary>The status of every request that is not held.</summary>
    public NvmeStatus Outcome { get; set; } = NvmeStatus.Success;

    public ulong BlockCount { get; set; } = 1000;

    public override BlockDeviceProperties Properties => new() { BlockSize = 512, BlockCount = BlockCount, HasVolatileCache = true };

    public override void Submit(BlockRequest request)
    {
        if (request.Operation == BlockOperation.Flush)
            FlushCount++;
        if (request.Operation == BlockOperation.Write)
            WriteCount++;
        if (IsHolding)
            _held.Enqueue(request);
        else
            request.Complete(Outcome);
    }

    /// <summary>Completes the oldest held request, from a thread that is not the target's.</summary>
    public void ReleaseOne() => _held.Dequeue().Complete(NvmeStatus.Success);

    /// <summary>Completes all held requests, from a thread that is not the target's.</summary>
    public void Release()
    {
        IsHolding = false;
        while (_held.TryDequeue(out BlockRequest? request))
            request.Complete(NvmeStatus.Success);
    }
}
