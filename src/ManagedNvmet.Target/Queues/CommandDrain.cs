using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Queues;

/// <summary>Ends the commands of one kind on several queues: aborts those that have not started, and waits for those that have. Each queue
/// does so on its own thread.</summary>
/// <remarks>Commands have no extra cost while there is no drain.</remarks>
internal sealed class CommandDrain
{
    private readonly BlockDevice? _device;
    private readonly bool _isForWritesOnly;
    private readonly Countdown _countdown;

    private CommandDrain(BlockDevice? device, bool isForWritesOnly, NvmeStatus status, Countdown countdown)
    {
        _device = device;
        _isForWritesOnly = isForWritesOnly;
        _countdown = countdown;
        Status = status;
    }

    /// <summary>The status of the aborted commands.</summary>
    public NvmeStatus Status { get; }

    /// <summary>Drains the commands of a device, because its namespace was removed or the host no longer sees it. It compares devices,
    /// because a namespace with a new size is another object with the same device.</summary>
    public static CommandDrain OfDevice(BlockDevice device, Countdown countdown) =>
        new(device, isForWritesOnly: false, NvmeStatus.InvalidNamespace, countdown);

    /// <summary>Drains the commands that change the medium of a device, because the host may now only read.</summary>
    public static CommandDrain OfWrites(BlockDevice device, Countdown countdown) =>
        new(device, isForWritesOnly: true, NvmeStatus.NamespaceWriteProtected, countdown);

    /// <summary>Drains the commands of all namespaces for the shutdown of a controller.</summary>
    public static CommandDrain OfShutdown(Countdown countdown) =>
        new(null, isForWritesOnly: false, NvmeStatus.AbortedBySubmissionQueueDeletion, countdown);

    /// <summary>True when the command must end before the drain is complete.</summary>
    public bool Concerns(QueuedCommand context) =>
        context.Namespace is { } used
        && (_device is null || used.Device == _device)
        && (!_isForWritesOnly || context.Command!.ModifiesMedium);

    /// <summary>Counts one more participant, which calls <see cref="Acknowledge"/> once.</summary>
    public void Add() => _countdown.Add();

    /// <summary>Acknowledges that one participant has no such command any more. Thread-safe.</summary>
    public void Acknowledge() => _countdown.Acknowledge();
}
