using ManagedNvmet.Io.Sockets;

namespace ManagedNvmet.Io.Loop;

/// <summary>Who has something to send at the end of a round. The shard asks for it and sends it, together with that of others where it can.</summary>
public interface ISendHandler
{
    /// <summary>Gives what is to be sent. Nobody else is called between this and the send. On the shard's thread.</summary>
    /// <param name="place">Which of those that are sent together it is, from 0 to <see cref="Shard.MostCallsTogether"/> - 1: others may use the
    /// other places meanwhile.</param>
    /// <returns>As <see cref="SocketCalls.Send"/> takes it; the memory is lent until <see cref="OnSent"/>. May be empty.</returns>
    ReadOnlySpan<ReadOnlyMemory<byte>> TakeOutput(int place);

    /// <summary>It was sent, or not. On the shard's thread.</summary>
    /// <param name="result">As <see cref="SocketCalls.Send"/> returns it; 0 when there was nothing to send.</param>
    void OnSent(int result);
}
