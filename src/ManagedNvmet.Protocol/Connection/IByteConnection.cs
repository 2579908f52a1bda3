using ManagedNvmet.Protocol.Sending;

namespace ManagedNvmet.Protocol.Connection;

/// <summary>One end of an NVMe/TCP connection as its transport sees it: bytes and time in, bytes out. Belongs to one thread.</summary>
public interface IByteConnection
{
    /// <summary>Room into which the next bytes of a large data PDU may be received directly, or empty.</summary>
    Memory<byte> DirectReceive { get; }

    /// <summary>Bytes up to the end of the data PDU that is being received; 0 between PDUs and inside a header. Nothing happens before all of
    /// them have arrived.</summary>
    int MissingBytes { get; }

    /// <summary>The transport reads on.</summary>
    bool WantsReceive { get; }

    /// <summary>There is something to send.</summary>
    bool WantsTransmit { get; }

    /// <summary>The transport closes now: nothing more is to be sent or heard.</summary>
    bool IsFinished { get; }

    /// <summary>When <see cref="OnTimer"/> wants to be called, in milliseconds; <see cref="long.MaxValue"/> for never.</summary>
    long Deadline { get; }

    /// <summary>Says that bytes were received into the front of <see cref="DirectReceive"/>.</summary>
    void ReceivedDirect(int count);

    /// <summary>Takes bytes from the peer, all of them. The memory is the connection's until this returns.</summary>
    void Received(ReadOnlyMemory<byte> bytes);

    /// <summary>Fills the batch with what is to be sent.</summary>
    void FillTransmit(TransmitBatch batch);

    /// <summary>Says that the first <paramref name="count"/> bytes of the last batch were sent.</summary>
    void Transmitted(long count);

    /// <summary>The peer has closed or reset the connection, or the network lost it.</summary>
    void PeerClosed();

    /// <summary>Ends the connection.</summary>
    void Close(CloseReason reason);

    /// <summary><see cref="Deadline"/> may have passed.</summary>
    void OnTimer(long now);
}
