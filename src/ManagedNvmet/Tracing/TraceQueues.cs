namespace ManagedNvmet.Tracing;

/// <summary>Which queues a trace shows.</summary>
public enum TraceQueues
{
    /// <summary>All.</summary>
    All,

    /// <summary>Admin queues.</summary>
    Admin,

    /// <summary>I/O queues.</summary>
    Io,

    /// <summary>The queue of one number.</summary>
    One,
}
