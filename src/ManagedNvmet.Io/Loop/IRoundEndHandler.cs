namespace ManagedNvmet.Io.Loop;

/// <summary>Runs at the end of a round, when all events and completions are handled: the place for one gather send.</summary>
public interface IRoundEndHandler
{
    /// <summary>Called once for each <see cref="Shard.AtRoundEnd"/>, on the shard's thread. May register again, for the next
    /// round.</summary>
    void OnRoundEnd();
}
