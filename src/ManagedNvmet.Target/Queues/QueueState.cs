namespace ManagedNvmet.Target.Queues;

/// <summary>The state of a queue pair.</summary>
internal enum QueueState
{
    /// <summary>The queue accepts only a Connect command.</summary>
    WaitConnect,

    /// <summary>The queue belongs to a controller.</summary>
    Live,

    /// <summary>The queue finishes the commands that have started and ignores new ones, then closes the connection.</summary>
    Stopping,

    /// <summary>The connection is closed.</summary>
    Closed,
}
