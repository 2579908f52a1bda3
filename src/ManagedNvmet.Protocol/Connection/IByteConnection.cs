using ManagedNvmet.Protocol.Sending;

namespace ManagedNvmet.Protocol.Connection;

/// <summary>One end of an NVMe/TCP connection, as its transport uses it: bytes and time in, bytes out. Belongs to one thread.</summary>
public interface IByteConnection
{
    /// <summary>Memory into which the next bytes of a large data PDU may be received directly, or empty.</summary>
    Memory<byte> DirectReceive { get; }

    /// <summary>Bytes up to the end of the data PDU that is being received; 0 between PDUs and inside a header. Nothing happens before
    /// all of them have arrived.</summary>
    int MissingBytes { get; }

    /// <summary>True while the transport should receive.</summary>
    bool WantsReceive { get; }

    /// <summary>True when there is something to send.</summary>
    bool WantsTransmit { get; }

    /// <summary>True when the transport should close: nothing more will be sent or received.</summary>
    bool IsFinished { get; }

    /// <summary>When the transport should call <see cref="OnTimer"/>, in milliseconds of its clock; <see cref="long.MaxValue"/> for
    /// never.</summary>
    long Deadline { get; }

    /// <summary>Reports bytes that were received into the front of <see cref="DirectReceive"/>.</summary>
    void ReceivedDirect(int count);

    /// <summary>Takes all of these received bytes. The connection uses the memory until this returns.</summary>
    void Received(ReadOnlyMemory<byte> bytes);

    /// <summary>Fills the batch with the next output.</summary>
    void FillTransmit(TransmitBatch batch);

    /// <summary>Reports that the first <paramref name="count"/> bytes of the last batch were sent.</summary>
    void Transmitted(long count);

    /// <summary>The peer has closed or reset the connection, or the network lost it.</summary>
    void PeerClosed();

    /// <summary>Ends the connection.</summary>
    void Close(CloseReason reason);

    /// <summary><see cref="Deadline"/> may have passed.</summary>
    void OnTimer(long now);
}
