namespace ManagedNvmet.Io.Loop;

/// <summary>Who is told that a time has come.</summary>
public interface ITimerHandler
{
    /// <summary>Called once for each <see cref="Shard.ScheduleAt"/>, on the shard's thread, not before the time asked for.</summary>
    /// <param name="now">The value of <see cref="Shard.Now"/>, in milliseconds.</param>
    void OnTimer(long now);
}
