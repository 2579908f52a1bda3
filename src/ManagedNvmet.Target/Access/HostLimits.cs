namespace ManagedNvmet.Target.Access;

/// <summary>What one host may hold at a time, over all subsystems. Bounds what a host that goes astray can take from the others.</summary>
public sealed record HostLimits
{
    /// <summary>Most controllers, discovery controllers included. A host has one a path and subsystem.</summary>
    public int MaxControllers { get; init; } = 4096;

    /// <summary>Most I/O queues.</summary>
    public int MaxQueues { get; init; } = 16_384;

    /// <summary>Most entries of all I/O queues together: how many commands the host can have outstanding, and so the memory that its
    /// commands can take. About 1 KiB an entry, and the data.</summary>
    public int MaxQueueEntries { get; init; } = 4 * 1024 * 1024;
}
