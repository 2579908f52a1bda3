namespace ManagedNvmet.Transport.Tcp;

/// <summary>Result of a request to move a connection to another shard.</summary>
public enum MoveOutcome
{
    /// <summary>The connection has moved.</summary>
    Moved,

    /// <summary>The connection still had work in progress after 100 ms, and stays where it was.</summary>
    NeverQuiet,

    /// <summary>The connection cannot move: it is not a connected queue, is already moving or already there, or the target shard has
    /// stopped.</summary>
    NotMovable,
}
