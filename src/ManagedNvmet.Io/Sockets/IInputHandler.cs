namespace ManagedNvmet.Io.Sockets;

/// <summary>A poll handler of a socket whose input the shard can receive for it, together with that of other sockets in one system
/// call.</summary>
public interface IInputHandler
{
    /// <summary>The next input may be received into memory of the shard and passed to <see cref="OnReceived"/>. On the shard's
    /// thread.</summary>
    bool TakesReceived { get; }

    /// <summary>Takes what was received for this socket. Other handlers may have run since <see cref="TakesReceived"/>. On the shard's
    /// thread.</summary>
    /// <param name="result">As <see cref="SocketCalls.Receive"/> returns it.</param>
    /// <param name="received">The received bytes, empty unless the result is positive; valid until this returns.</param>
    void OnReceived(int result, ReadOnlyMemory<byte> received);
}
