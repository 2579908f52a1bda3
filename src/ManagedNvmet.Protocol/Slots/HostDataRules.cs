using ManagedNvmet.Protocol.Pdu;

namespace ManagedNvmet.Protocol.Slots;

/// <summary>Checks an H2CData PDU against the outstanding R2T of its command.</summary>
internal static class HostDataRules
{
    /// <param name="header">The header.</param>
    /// <param name="owner">The slot with index TTAG, or null when it was never used.</param>
    /// <param name="dataBytes">Bytes of data that the PDU carries.</param>
    /// <param name="maxBytes">MAXH2CDATA.</param>
    public static PduError Check(in DataTransfer header, CommandSlot? owner, int dataBytes, int maxBytes)
    {
        // The tag of an outstanding command without R2T is valid: the sequence is wrong, not the field.
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

        // LAST_PDU may be missing on the last PDU of the range; before it, LAST_PDU is an error.
        return (header.Common.Flags & PduFlags.LastPdu) != 0 && end < grantEnd ? PduError.Sequence : PduError.None;
    }
}
