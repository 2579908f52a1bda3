namespace ManagedNvmet.Backends.Tests;

/// <summary>A request as the target makes it.</summary>
internal sealed class TestRequest : BlockRequest
{
    private readonly BlockRange[] _ranges;
    private int _completions;

    public TestRequest(
        BlockOperation operation,
        ulong firstBlock = 0,
        uint blockCount = 0,
        Memory<byte> data = default,
        bool forceUnitAccess = false,
        bool deallocateHint = false,
        params BlockRange[] ranges)
    {
        Operation = operation;
        FirstBlock = firstBlock;
        BlockCount = blockCount;
        Data = data;
        ForceUnitAccess = forceUnitAccess;
        DeallocateHint = deallocateHint;
        _ranges = ranges;
    }

    public TaskCompletionSource<NvmeStatus> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The memory with which the device completed a Read, or empty.</summary>
    public ReadOnlyMemory<byte> LentData { get; private set; }

    public override ReadOnlySpan<BlockRange> Ranges => _ranges;

    public override void Complete(NvmeStatus status)
    {
        if (++_completions != 1)
            throw new InvalidOperationException("completed twice");
        Completion.SetResult(status);
    }

    public override void CompleteWithLentData(ReadOnlyMemory<byte> data)
    {
        LentData = data;
        if (Data.IsEmpty)
            Complete(NvmeStatus.Success);
        else
            base.CompleteWithLentData(data);
    }
}
