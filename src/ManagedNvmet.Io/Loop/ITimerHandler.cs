namespace ManagedNvmet.Io.Loop;

/// <summary>Runs when a <see cref="ShardTimer"/> fires.</summary>
public interface ITimerHandler
{
    /// <summary>Called on the shard's thread when the timer's due time has passed. The timer is not scheduled any more.</summary>
    /// <param name="now">The value of <see cref="Shard.Now"/>, in milliseconds.</param>
    void OnTimer(long now);
}
