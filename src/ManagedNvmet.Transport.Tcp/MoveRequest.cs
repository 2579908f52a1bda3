namespace ManagedNvmet.Transport.Tcp;

/// <summary>A connection on its way to another shard.</summary>
internal sealed class MoveRequest(ShardTransport transport, ShardContext target)
{
    private readonly TaskCompletionSource<MoveOutcome> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ShardTransport Transport => transport;

    public ShardContext Target => target;

    /// <summary>When it is given up, on the clock of the connection.</summary>
    public long Deadline { get; set; }

    public Task<MoveOutcome> Completion => _completion.Task;

    public void End(MoveOutcome outcome) => _completion.TrySetResult(outcome);
}
