namespace ManagedNvmet.Transport.Tcp;

/// <summary>A request to move a connection to another shard.</summary>
internal sealed class MoveRequest(ShardTransport transport, ShardContext target)
{
    private readonly TaskCompletionSource<MoveOutcome> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ShardTransport Transport => transport;

    public ShardContext Target => target;

    /// <summary>Time in milliseconds, on the clock of the connection, at which the request is given up.</summary>
    public long Deadline { get; set; }

    public Task<MoveOutcome> Completion => _completion.Task;

    public void End(MoveOutcome outcome) => _completion.TrySetResult(outcome);
}
