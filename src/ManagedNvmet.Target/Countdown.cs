namespace ManagedNvmet.Target;

/// <summary>Waits until everybody who was asked has answered. Thread-safe.</summary>
internal sealed class Countdown
{
    private readonly TaskCompletionSource completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for whoever asks, who acknowledges after everybody else was asked.
    private int outstanding = 1;

    /// <summary>Ends when everybody who was asked has acknowledged.</summary>
    public Task Completion => completion.Task;

    /// <summary>One more will acknowledge.</summary>
    public void Add() => Interlocked.Increment(ref outstanding);

    /// <summary>One has done what was asked for. From any thread.</summary>
    public void Acknowledge()
    {
        if (Interlocked.Decrement(ref outstanding) == 0)
            completion.SetResult();
    }
}
