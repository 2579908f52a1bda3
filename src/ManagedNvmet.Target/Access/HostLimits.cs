namespace ManagedNvmet.Target.Access;

/// <summary>Limits what one host can hold at a time in all subsystems, so that a faulty host cannot take all resources.</summary>
public sealed record HostLimits
{
    /// <summary>The largest number of controllers, including discovery controllers. A host has one for each path and subsystem.</summary>
    public int MaxControllers { get; init; } = 4096;

    /// <summary>The largest number of I/O queues.</summary>
    public int MaxQueues { get; init; } = 16_384;

    /// <summary>The largest sum of the sizes of all I/O queues, in entries. It limits the outstanding commands of the host and so their
    /// memory: about 1 KiB for each entry, plus the data.</summary>
    public int MaxQueueEntries { get; init; } = 4 * 1024 * 1024;
}
