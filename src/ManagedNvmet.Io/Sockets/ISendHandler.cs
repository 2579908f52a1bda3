namespace ManagedNvmet.Io.Sockets;

/// <summary>Has output at the end of a round. The shard asks for the output and sends it, together with that of other sockets where it
/// can.</summary>
public interface ISendHandler
{
    /// <summary>Returns the output. No other handler runs between this call and the send. On the shard's thread.</summary>
    /// <param name="place">Number of this send among those of one system call, from 0 to <see cref="SocketBatch.MaxCalls"/> - 1. Handlers
    /// with other numbers may be asked before this one is sent.</param>
    /// <returns>Segments as <see cref="SocketCalls.Send"/> takes them; the memory is lent until <see cref="OnSent"/>. May be
    /// empty.</returns>
    ReadOnlySpan<ReadOnlyMemory<byte>> TakeOutput(int place);

    /// <summary>Reports the result of the send. On the shard's thread.</summary>
    /// <param name="result">As <see cref="SocketCalls.Send"/> returns it; 0 when there was nothing to send.</param>
    void OnSent(int result);
}
