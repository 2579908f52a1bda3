namespace ManagedNvmet;

/// <summary>Flushes a device when the server stops.</summary>
internal sealed class StopFlush(BlockDevice device) : BlockRequest
{
    private readonly TaskCompletionSource<NvmeStatus> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<NvmeStatus> Completion => _completion.Task;

    public override ReadOnlySpan<BlockRange> Ranges => [];

    public void Begin()
    {
        Operation = BlockOperation.Flush;
        device.Submit(this);
    }

    public override void Complete(NvmeStatus status) => _completion.TrySetResult(status);
}
