namespace ManagedNvmet.Reports;

/// <summary>Where a server is in its life.</summary>
public enum ServerState
{
    /// <summary>Not listening yet.</summary>
    Starting,

    /// <summary>Listening.</summary>
    Running,

    /// <summary>No new hosts; commands in flight come to their end.</summary>
    Stopping,
}
