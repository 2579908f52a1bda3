namespace ManagedNvmet.Reports;

/// <summary>The states of a server.</summary>
public enum ServerState
{
    /// <summary>The server does not listen yet.</summary>
    Starting,

    /// <summary>The server listens.</summary>
    Running,

    /// <summary>The server accepts no new hosts and waits for outstanding commands.</summary>
    Stopping,
}
