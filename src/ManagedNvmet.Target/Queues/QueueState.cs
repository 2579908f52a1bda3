namespace ManagedNvmet.Target.Queues;

/// <summary>Where a queue pair is in its life.</summary>
internal enum QueueState
{
    /// <summary>Only Connect is allowed.</summary>
    WaitConnect,

    /// <summary>Belongs to a controller.</summary>
    Live,

    /// <summary>What has begun comes to its end; what comes now is not answered any more. Then the connection is closed.</summary>
    Stopping,

    /// <summary>The connection is over.</summary>
    Closed,
}
