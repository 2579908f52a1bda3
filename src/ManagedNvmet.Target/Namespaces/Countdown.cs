namespace ManagedNvmet.Target.Namespaces;

/// <summary>Waits until everybody who was asked has answered. Thread-safe.</summary>
internal sealed class Countdown
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for whoever asks, who acknowledges after everybody else was asked.
    private int _outstanding = 1;

    /// <summary>Ends when everybody who was asked has acknowledged.</summary>
    public Task Completion => _completion.Task;

    /// <summary>One more will acknowledge.</summary>
    public void Add() => Interlocked.Increment(ref _outstanding);

    /// <summary>One has done what was asked for. From any thread.</summary>
    public void Acknowledge()
    {
        if (Interlocked.Decrement(ref _outstanding) == 0)
            _completion.SetResult();
    }
}
