namespace ManagedNvmet.Io.Loop;

/// <summary>Handles the readiness of a watched file descriptor.</summary>
public interface IPollHandler
{
    /// <summary>Called once a round while the descriptor is ready, on the shard's thread.</summary>
    /// <param name="fd">The descriptor given to <see cref="Shard.Watch"/>.</param>
    /// <param name="ready">What is ready.</param>
    void OnReady(int fd, PollEvents ready);
}
