namespace ManagedNvmet.Target;

/// <summary>Waits until no queue works on a namespace that was removed, or that a host lost. Costs commands nothing: each queue is asked on its own thread.</summary>
internal sealed class NamespaceDrain
{
    private readonly TaskCompletionSource completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for whoever made the drain, who acknowledges after everybody else was asked.
    private int outstanding = 1;

    /// <param name="device">The device of the namespace. A namespace that changed its size is another object with the same device.</param>
    public NamespaceDrain(BlockDevice device)
        : this(device, NvmeStatus.InvalidNamespace)
    {
    }

    /// <param name="device">The device of the namespace.</param>
    /// <param name="status">How commands end that have not been started. Namespace is Write Protected: commands that change the medium
    /// alone are concerned.</param>
    public NamespaceDrain(BlockDevice device, NvmeStatus status)
    {
        Device = device;
        Status = status;
        IsForWritesOnly = status.IsSameCode(NvmeStatus.NamespaceWriteProtected);
    }

    /// <summary>How commands end that have not been started.</summary>
    public NvmeStatus Status { get; }

    /// <summary>Commands that do not change the medium go on.</summary>
    public bool IsForWritesOnly { get; }

    /// <summary>The device that nobody is to use any more.</summary>
    public BlockDevice Device { get; }

    /// <summary>Ends when everybody who was asked has acknowledged.</summary>
    public Task Completion => completion.Task;

    /// <summary>One more will acknowledge.</summary>
    public void Add() => Interlocked.Increment(ref outstanding);

    /// <summary>One has done with the device. From any thread.</summary>
    public void Acknowledge()
    {
        if (Interlocked.Decrement(ref outstanding) == 0)
            completion.SetResult();
    }
}
