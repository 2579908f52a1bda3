using System.Threading.Tasks.Sources;
using ManagedNvmet.Protocol.Host;

namespace ManagedNvmet.Initiator;

/// <summary>A command whose completion can be awaited. It returns to its queue's pool when the awaiter has read the result, so that a
/// command allocates nothing.</summary>
internal sealed class PooledCommand(InitiatorQueue queue) : HostCommand, IValueTaskSource<CommandResult>
{
    private ManualResetValueTaskSourceCore<CommandResult> _source = new() { RunContinuationsAsynchronously = true };

    public ValueTask<CommandResult> Task => new(this, _source.Version);

    /// <summary>Completes the command with a status when it was never submitted: the shard has stopped or the connection is
    /// closed.</summary>
    public void Fail(NvmeStatus status) => _source.SetResult(new CommandResult(status, 0, 0));

    /// <summary>Submits this command to its queue. Runs on the shard's thread.</summary>
    public void Submit() => queue.Submit(this);

    protected override void OnCompleted()
    {
        var result = new CommandResult(Status, Completion.Result, Completion.SubmissionQueueHead);
        queue.SubmitWaiting();
        _source.SetResult(result);
    }

    CommandResult IValueTaskSource<CommandResult>.GetResult(short token)
    {
        CommandResult result = _source.GetResult(token);
        _source.Reset();
        Data = default;
        queue.Return(this);
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<CommandResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<CommandResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
