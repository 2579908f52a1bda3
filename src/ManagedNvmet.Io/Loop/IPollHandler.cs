namespace ManagedNvmet.Io.Loop;

/// <summary>Who is told that a watched file descriptor is ready.</summary>
public interface IPollHandler
{
    /// <summary>Called once a round while the state lasts, on the shard's thread.</summary>
    /// <param name="fd">The descriptor given to <see cref="Shard.Watch"/>.</param>
    /// <param name="ready">What is ready.</param>
    void OnReady(int fd, PollEvents ready);
}
