using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target.Access;

namespace ManagedNvmet.Target;

/// <summary>The numbers that bound a target. One home, each with its unit and reason.</summary>
public sealed record TargetLimits
{
    /// <summary>Limits of every connection; MDTS and IOCCSZ are derived from them.</summary>
    public ConnectionLimits Connection { get; init; } = new();

    /// <summary>Most I/O queues of one controller, 1 to 65534. Linux asks for one a CPU.</summary>
    public int MaxIoQueues { get; init; } = 128;

    /// <summary>Most entries of an I/O submission queue (CAP.MQES + 1), 2 to 65536.</summary>
    public int MaxQueueEntries { get; init; } = 1024;

    /// <summary>Most entries of an admin submission queue, at least 32 (ASQSZ of the discovery log).</summary>
    public int MaxAdminQueueEntries { get; init; } = 128;

    /// <summary>Most connections at a time, over all ports; one more is closed at once. Each is a queue.</summary>
    public int MaxConnections { get; init; } = 16_384;

    /// <summary>Most connections at a time from one address: a host with 128 queues in several associations stays well below it.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 4_096;

    /// <summary>What one host may hold, unless it has limits of its own.</summary>
    public HostLimits Host { get; init; } = new();

    /// <summary>Most controllers of one subsystem at a time: bounds what hosts that come and go without closing can hold.</summary>
    public int MaxControllers { get; init; } = 1024;

    /// <summary>Asynchronous Event Requests that may be outstanding (AERL + 1).</summary>
    public int MaxAsyncEventRequests { get; init; } = 4;

    /// <summary>Abort commands that may be outstanding (ACL + 1).</summary>
    public int MaxAborts { get; init; } = 4;

    /// <summary>Entries of the error log of a controller (ELPE + 1).</summary>
    public int ErrorLogEntries { get; init; } = 64;

    /// <summary>Highest NSID (NN), and most namespaces of a subsystem (MNAN).</summary>
    public uint MaxNamespaces { get; init; } = NamespaceIds.Highest;

    /// <summary>Highest ANAGRPID, and most ANA groups (ANAGRPMAX, NANAGRPID). Linux makes room for that many in its buffer.</summary>
    public uint MaxAnaGroups { get; init; } = 128;

    /// <summary>Seconds that an ANA group stays in the Change state at most (ANATT), 1 to 255. Linux resets a controller after twice
    /// that time.</summary>
    public int AnaTransitionSeconds { get; init; } = 10;

    /// <summary>Keep Alive granularity (KAS) in units of 100 ms.</summary>
    public int KeepAliveGranularity { get; init; } = 10;

    /// <summary>Most hosts that are registered with the discovery subsystem.</summary>
    public int MaxRegisteredHosts { get; init; } = 1024;

    /// <summary>Milliseconds after which a discovery controller without Keep Alive is dropped when it is idle.</summary>
    public int DiscoveryIdleMilliseconds { get; init; } = 120_000;

    /// <summary>Milliseconds that a controller which was disabled or shut down stays for its host to enable it again.</summary>
    public int AssociationMilliseconds { get; init; } = 120_000;
}
