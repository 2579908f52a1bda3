using ManagedNvmet.Protocol.Pdu;

namespace ManagedNvmet.Protocol.Receiving;

/// <summary>Handles the PDUs that a <see cref="PduReceiver"/> finds in the stream.</summary>
internal interface IPduConsumer
{
    /// <summary>A common header has arrived, unchecked. Returns what is allowed in this state.</summary>
    /// <param name="header">The common header.</param>
    /// <param name="isExpected">False when this type is not allowed in this state.</param>
    /// <param name="maxDataBytes">Most bytes of data that a PDU of this type may carry.</param>
    /// <returns>An error that ends the connection at once, usually none.</returns>
    PduError OnCommonHeader(in CommonHeader header, out bool isExpected, out int maxDataBytes);

    /// <summary>A whole header has arrived; its common header and digest are valid.</summary>
    /// <param name="common">The common header.</param>
    /// <param name="header">The header from the start of the PDU.</param>
    /// <param name="dataBytes">Bytes of data that follow; 0 for none.</param>
    PduError OnHeader(in CommonHeader common, ReadOnlySpan<byte> header, int dataBytes);

    /// <summary>The data of the PDU has arrived. Not called for a PDU without data, or when <see cref="OnHeader"/> has taken the data with
    /// <see cref="PduReceiver.TryTakeData"/>.</summary>
    void OnDataEnd(bool digestMatches);

    /// <summary>The peer broke the protocol. Nothing is received any more.</summary>
    void OnFatal(PduError error, ReadOnlySpan<byte> header);
}
