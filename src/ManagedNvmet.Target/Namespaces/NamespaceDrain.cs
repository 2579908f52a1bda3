namespace ManagedNvmet.Target.Namespaces;

/// <summary>Waits until no queue works on a namespace that was removed, or that a host lost. Costs commands nothing: each queue is asked on
/// its own thread.</summary>
/// <param name="device">The device of the namespace. A namespace that changed its size is another object with the same device.</param>
/// <param name="status">How commands end that have not been started. Namespace is Write Protected: commands that change the medium alone
/// are concerned.</param>
/// <param name="countdown">Ends when every queue has done with the device.</param>
internal sealed class NamespaceDrain(BlockDevice device, NvmeStatus status, Countdown countdown)
{
    /// <summary>The device that nobody is to use any more.</summary>
    public BlockDevice Device => device;

    /// <summary>How commands end that have not been started.</summary>
    public NvmeStatus Status => status;

    /// <summary>Commands that do not change the medium go on.</summary>
    public bool IsForWritesOnly { get; } = status.IsSameCode(NvmeStatus.NamespaceWriteProtected);

    /// <summary>One more will acknowledge.</summary>
    public void Add() => countdown.Add();

    /// <summary>One has done with the device. From any thread.</summary>
    public void Acknowledge() => countdown.Acknowledge();
}
