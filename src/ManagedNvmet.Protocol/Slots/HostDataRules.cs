using ManagedNvmet.Protocol.Pdu;

namespace ManagedNvmet.Protocol.Slots;

/// <summary>Checks an H2CData PDU against the range that its command was granted.</summary>
internal static class HostDataRules
{
    /// <param name="header">The header.</param>
    /// <param name="owner">The slot that TTAG names, if it was ever used.</param>
    /// <param name="dataBytes">Bytes of data that the PDU carries.</param>
    /// <param name="maxBytes">MAXH2CDATA.</param>
    public static PduError Check(in DataTransfer header, CommandSlot? owner, int dataBytes, int maxBytes)
    {
        // The tag of an outstanding command that was not asked for data is known, so there the order is wrong and not the field.
        if (owner is not { State: not SlotState.Free } slot)
            return PduError.InvalidField(DataTransfer.TransferTagOffset);
        if (slot.EntryField.CommandId != header.CommandId || slot.State != SlotState.Receiving || !slot.IsGranted)
            return PduError.Sequence;
        if (header.Length != dataBytes)
            return PduError.InvalidField(DataTransfer.LengthOffset);
        if (dataBytes > maxBytes)
            return new PduError(FatalErrorStatus.LimitExceeded, 0);
        long end = (long)header.Offset + dataBytes;
        int grantEnd = slot.GrantStart + slot.GrantLength;
        if (header.Offset < slot.GrantStart || end > grantEnd)
            return new PduError(FatalErrorStatus.DataTransferOutOfRange, 0);
        if (header.Offset != slot.ReceivedBytes)
            return PduError.Sequence;

        // A missing LAST_PDU on the PDU that completes the range does no harm; one that comes early does.
        return (header.Common.Flags & PduFlags.LastPdu) != 0 && end < grantEnd ? PduError.Sequence : PduError.None;
    }
}
