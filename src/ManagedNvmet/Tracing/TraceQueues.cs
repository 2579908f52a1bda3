namespace ManagedNvmet.Tracing;

/// <summary>The queues that a trace includes.</summary>
public enum TraceQueues
{
    /// <summary>All queues.</summary>
    All,

    /// <summary>Admin queues.</summary>
    Admin,

    /// <summary>I/O queues.</summary>
    Io,

    /// <summary>The queues with one queue identifier.</summary>
    One,
}
