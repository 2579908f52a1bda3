namespace ManagedNvmet.Reports;

/// <summary>A controller and the host that made it: what the specification calls an association.</summary>
public sealed record SessionReport
{
    /// <summary>Its number in this process, never given twice: what <c>kill</c> takes.</summary>
    public long Number { get; init; }

    /// <summary>CNTLID; given again when the controller has gone.</summary>
    public int ControllerId { get; init; }

    /// <summary>SUBNQN.</summary>
    public required string SubsystemNqn { get; init; }

    /// <summary>A controller of the discovery subsystem.</summary>
    public bool IsDiscovery { get; init; }

    /// <summary>HOSTNQN.</summary>
    public required string HostNqn { get; init; }

    /// <summary>HOSTID.</summary>
    public Guid HostId { get; init; }

    /// <summary>Where its admin queue comes from.</summary>
    public required string RemoteAddress { get; init; }

    /// <summary>The address of ours that it reached.</summary>
    public required string LocalAddress { get; init; }

    /// <summary>Where the controller is in its life, such as <c>ready</c>.</summary>
    public required string State { get; init; }

    /// <summary>I/O queues.</summary>
    public int IoQueues { get; init; }

    /// <summary>I/O commands that the target has and has not answered.</summary>
    public int CommandsInFlight { get; init; }

    /// <summary>Keep Alive Timeout in milliseconds; 0 for none.</summary>
    public long KeepAliveMilliseconds { get; init; }

    /// <summary>Milliseconds that are left of it; null when there is no timeout.</summary>
    public long? KeepAliveLeftMilliseconds { get; init; }

    /// <summary>When the host connected; null when that is not known.</summary>
    public DateTimeOffset? ConnectedAt { get; init; }
}
