namespace ManagedNvmet.Transport.Tcp;

/// <summary>What became of a wish to have a connection on another shard.</summary>
public enum MoveOutcome
{
    /// <summary>It is there.</summary>
    Moved,

    /// <summary>It did not come to rest in time, and goes on where it was.</summary>
    NeverQuiet,

    /// <summary>It is no queue yet or not any more, is on its way already, is there already, or the shard has stopped.</summary>
    NotMovable,
}
