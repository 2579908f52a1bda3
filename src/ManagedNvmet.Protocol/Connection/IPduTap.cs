using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Connection;

/// <summary>Observes the PDUs of a connection, unencrypted.</summary>
/// <remarks>Called on the connection's thread, so it must not block; it keeps no reference to its arguments.</remarks>
public interface IPduTap
{
    /// <summary>The header of a PDU has arrived and is valid; it has not been processed yet.</summary>
    /// <param name="header">From the start of the PDU, with its digest.</param>
    /// <param name="paddingBytes">Bytes between the header and its data, which are not shown.</param>
    /// <param name="dataBytes">Bytes that <see cref="OnData"/> brings: the data and its digest; 0 for none.</param>
    void OnHeader(ReadOnlySpan<byte> header, int paddingBytes, int dataBytes);

    /// <summary>The next bytes of data or data digest of the PDU that <see cref="OnHeader"/> reported.</summary>
    void OnData(ReadOnlySpan<byte> bytes);

    /// <summary>The peer broke the protocol, and nothing is received any more.</summary>
    /// <param name="header">The received part of the offending header; empty when <see cref="OnHeader"/> reported it.</param>
    void OnBroken(ReadOnlySpan<byte> header);

    /// <summary>A PDU has been sent to its last byte.</summary>
    /// <param name="pieces">The PDU: its header with padding first, then data and digest where there are any.</param>
    /// <param name="entry">The submission queue entry of the command that the PDU belongs to, or null.</param>
    void OnSent(ReadOnlySpan<ReadOnlyMemory<byte>> pieces, SubmissionEntry? entry);

    /// <summary>The connection is over. The last call.</summary>
    void OnClosed(CloseReason reason);
}
