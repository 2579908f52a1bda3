namespace ManagedNvmet.Target.Namespaces;

/// <summary>Waits until all participants of a change have acknowledged it. Thread-safe.</summary>
/// <param name="onEnd">Called once on the thread of the last participant that acknowledges; null for nothing.</param>
internal sealed class Countdown(Action? onEnd = null)
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Starts at 1 for the owner, which acknowledges after it has added every participant.
    private int _outstanding = 1;

    /// <summary>Ends when the owner and all participants have acknowledged.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Counts one more participant.</summary>
    public void Add() => Interlocked.Increment(ref _outstanding);

    /// <summary>Acknowledges for one participant. Thread-safe.</summary>
    public void Acknowledge()
    {
        if (Interlocked.Decrement(ref _outstanding) != 0)
            return;
        _completion.SetResult();
        onEnd?.Invoke();
    }
}
