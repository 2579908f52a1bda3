using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target.Access;

namespace ManagedNvmet.Target;

/// <summary>The limits of a target.</summary>
public sealed record TargetLimits
{
    /// <summary>The limits of every connection. MDTS and IOCCSZ follow from them.</summary>
    public ConnectionLimits Connection { get; init; } = new();

    /// <summary>The largest number of I/O queues of a controller, 1 to 65534. Linux requests one for each CPU.</summary>
    public int MaxIoQueues { get; init; } = 128;

    /// <summary>The largest size of an I/O submission queue in entries (CAP.MQES + 1), 2 to 65536.</summary>
    public int MaxQueueEntries { get; init; } = 1024;

    /// <summary>The largest size of an admin submission queue in entries, at least 32 (ASQSZ of the discovery log).</summary>
    public int MaxAdminQueueEntries { get; init; } = 128;

    /// <summary>The largest number of connections through all ports. The target closes further ones at once. Each connection is a
    /// queue.</summary>
    public int MaxConnections { get; init; } = 16_384;

    /// <summary>The largest number of connections from one remote address. A host with 128 queues in several associations stays well below
    /// it.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 4_096;

    /// <summary>The limits of a host without its own limits.</summary>
    public HostLimits Host { get; init; } = new();

    /// <summary>The largest number of controllers of a subsystem. It bounds the memory of controllers whose hosts disappeared.</summary>
    public int MaxControllers { get; init; } = 1024;

    /// <summary>The largest number of outstanding Asynchronous Event Requests (AERL + 1).</summary>
    public int MaxAsyncEventRequests { get; init; } = 4;

    /// <summary>The largest number of outstanding Abort commands (ACL + 1).</summary>
    public int MaxAborts { get; init; } = 4;

    /// <summary>The size of the error log of a controller in entries (ELPE + 1).</summary>
    public int ErrorLogEntries { get; init; } = 64;

    /// <summary>The highest NSID (NN) and the largest number of namespaces of a subsystem (MNAN).</summary>
    public uint MaxNamespaces { get; init; } = NamespaceIds.Highest;

    /// <summary>The highest ANAGRPID and the largest number of ANA groups (ANAGRPMAX, NANAGRPID). Linux allocates a buffer for that
    /// many.</summary>
    public uint MaxAnaGroups { get; init; } = 128;

    /// <summary>The longest time of an ANA group in the Change state, in seconds (ANATT), 1 to 255. Linux resets a controller after twice
    /// that time.</summary>
    public int AnaTransitionSeconds { get; init; } = 10;

    /// <summary>Keep Alive granularity (KAS) in units of 100 ms.</summary>
    public int KeepAliveGranularity { get; init; } = 10;

    /// <summary>The largest number of hosts that are registered with the discovery subsystem.</summary>
    public int MaxRegisteredHosts { get; init; } = 1024;

    /// <summary>The idle time after which the target ends a discovery controller without Keep Alive, in milliseconds.</summary>
    public int DiscoveryIdleMilliseconds { get; init; } = 120_000;

    /// <summary>The time that a disabled or shut-down controller waits for its host to enable it again, in milliseconds.</summary>
    public int AssociationMilliseconds { get; init; } = 120_000;
}
