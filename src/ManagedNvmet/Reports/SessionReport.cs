namespace ManagedNvmet.Reports;

/// <summary>A controller and the host that created it. The specification calls this an association.</summary>
public sealed record SessionReport
{
    /// <summary>Number of the session in this process. It is never reused. The <c>kill</c> verb takes it.</summary>
    public long Number { get; init; }

    /// <summary>Controller ID (CNTLID). It is reused after the end of the controller.</summary>
    public int ControllerId { get; init; }

    /// <summary>NQN of the subsystem (SUBNQN).</summary>
    public required string SubsystemNqn { get; init; }

    /// <summary>True for a controller of the discovery subsystem.</summary>
    public bool IsDiscovery { get; init; }

    /// <summary>NQN of the host (HOSTNQN).</summary>
    public required string HostNqn { get; init; }

    /// <summary>Host Identifier (HOSTID).</summary>
    public Guid HostId { get; init; }

    /// <summary>Address of the host, from the admin queue's connection.</summary>
    public required string RemoteAddress { get; init; }

    /// <summary>Address of this server to which the admin queue is connected.</summary>
    public required string LocalAddress { get; init; }

    /// <summary>State of the controller, such as <c>ready</c>.</summary>
    public required string State { get; init; }

    /// <summary>Number of I/O queues.</summary>
    public int IoQueues { get; init; }

    /// <summary>Number of outstanding I/O commands.</summary>
    public int CommandsInFlight { get; init; }

    /// <summary>Keep Alive Timeout in milliseconds; 0 when keep alive is disabled.</summary>
    public long KeepAliveMilliseconds { get; init; }

    /// <summary>Milliseconds until the Keep Alive Timer expires; null when keep alive is disabled.</summary>
    public long? KeepAliveLeftMilliseconds { get; init; }

    /// <summary>Time at which the host connected (UTC); null when it is not known.</summary>
    public DateTimeOffset? ConnectedAt { get; init; }
}
