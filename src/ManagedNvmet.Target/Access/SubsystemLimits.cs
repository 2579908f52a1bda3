namespace ManagedNvmet.Target.Access;

/// <summary>Limits on what all hosts together may use of one subsystem at a time. Null means that the subsystem has no limit of its
/// own.</summary>
public sealed record SubsystemLimits
{
    /// <summary>No limits of its own: those of <see cref="TargetLimits"/> hold.</summary>
    public static SubsystemLimits None { get; } = new();

    /// <summary>Most controllers; not more than <see cref="TargetLimits.MaxControllers"/>.</summary>
    public int? MaxControllers { get; init; }

    /// <summary>Most I/O queues of one controller, 1 to <see cref="TargetLimits.MaxIoQueues"/>. Hosts that are connected keep
    /// theirs.</summary>
    public int? MaxIoQueues { get; init; }

    /// <summary>Most I/O queues of all controllers together.</summary>
    public int? MaxTotalIoQueues { get; init; }
}
