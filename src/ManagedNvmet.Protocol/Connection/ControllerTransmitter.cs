using System.Buffers.Binary;
using ManagedNvmet.Protocol.Digests;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Connection;

/// <summary>Turns what a controller has to send into bytes. Headers are made anew for every send and never stored: after a partial send
/// the same bytes come out again, and those that are gone are skipped.</summary>
internal sealed class ControllerTransmitter(ControllerConnection connection, CommandFlow commands)
{
    private const int PiecesOfPdu = 3;

    private readonly TransmitQueue queue = new();
    private TransmitBatch? shown;
    private IPduTap? tap;
    private byte[]? termination;
    private byte[]? initialization;

    // Bytes of the first PDU of the queue that were sent already.
    private int sentOfFirst;

    public ConnectionParameters Parameters { get; set; } = ConnectionParameters.Initial;

    /// <summary>Sees what was sent; null while nobody watches.</summary>
    public IPduTap? Tap
    {
        get => tap;
        set
        {
            tap = value;
            shown = value is null ? null : shown ?? new TransmitBatch(maxSegments: PiecesOfPdu + 1);
        }
    }

    public bool IsEmpty => queue.Count == 0;

    public void SendInitialization(byte[] response)
    {
        initialization = response;
        queue.Add(new TransmitItem { Kind = TransmitKind.InitializeConnection });
    }

    public void SendReadyToTransfer(CommandSlot slot) => queue.Add(new TransmitItem { Kind = TransmitKind.ReadyToTransfer, Slot = slot });

    public void SendResponse(CommandSlot slot) => queue.Add(new TransmitItem { Kind = TransmitKind.Response, Slot = slot });

    /// <summary>Drops everything but the PDU that is half sent, and sends this last.</summary>
    public void SendTermination(byte[] request)
    {
        Truncate(sentOfFirst > 0 ? 1 : 0);
        termination = request;
        queue.Add(new TransmitItem { Kind = TransmitKind.Termination });
    }

    /// <summary>Drops everything; commands that were to be answered are released.</summary>
    public void Clear() => Truncate(0);

    /// <summary>Fills the batch with as much as fits.</summary>
    public void Fill(TransmitBatch batch)
    {
        int skip = sentOfFirst;
        for (int index = 0; index < queue.Count && batch.HasRoom(PiecesOfPdu); index++)
        {
            if (!FillItem(batch, queue[index], ref skip, onlyOnePdu: index == 0 && termination is not null))
                return;
        }
    }

    /// <summary>Says that the first <paramref name="count"/> bytes of the last batch are gone.</summary>
    public void Transmitted(long count)
    {
        while (count > 0)
        {
            TransmitItem item = queue[0];
            int size = SizeOfFirst(item);
            if (count < size - sentOfFirst)
            {
                sentOfFirst += (int)count;
                return;
            }
            count -= size - sentOfFirst;
            sentOfFirst = 0;
            if (tap is not null)
                Show(item);
            Advance(item);
        }
    }

    private void Truncate(int count)
    {
        for (int index = count; index < queue.Count; index++)
        {
            if (queue[index] is { Kind: TransmitKind.Response, Slot: { } slot })
                commands.Release(slot);
        }
        queue.Truncate(count);
    }

    /// <summary>Shows the first PDU of the queue, which is sent: made once more, as it was.</summary>
    private void Show(in TransmitItem item)
    {
        int skip = 0;
        shown!.Clear();
        FillItem(shown, item, ref skip, onlyOnePdu: true);
        tap!.OnSent(shown.Segments, item.Slot);
        shown?.Clear();
    }

    private bool FillItem(TransmitBatch batch, in TransmitItem item, ref int skip, bool onlyOnePdu)
    {
        switch (item.Kind)
        {
            case TransmitKind.Response:
                return FillResponse(batch, item.Slot!, ref skip, onlyOnePdu);
            case TransmitKind.ReadyToTransfer:
                WriteDataHeader(batch, item.Slot!, PduType.R2T, PduFlags.None, item.Slot!.GrantStart, item.Slot.GrantLength, ref skip);
                return true;
            default:
                byte[] whole = item.Kind == TransmitKind.Termination ? termination! : initialization!;
                whole.CopyTo(batch.Reserve(whole.Length));
                batch.Commit(whole.Length, TakeSkip(ref skip, whole.Length));
                return true;
        }
    }

    private bool FillResponse(TransmitBatch batch, CommandSlot slot, ref int skip, bool onlyOnePdu)
    {
        int dataBytes = slot.DataToSend.Length;
        for (int offset = slot.SentDataBytes; offset < dataBytes;)
        {
            if (!batch.HasRoom(PiecesOfPdu))
                return false;
            int length = Math.Min(connection.Limits.MaxC2HDataBytes, dataBytes - offset);
            WriteData(batch, slot, offset, length, ref skip);
            if (onlyOnePdu)
                return true;
            offset += length;
        }
        if (slot.UsesSuccessFlag)
            return true;
        if (!batch.HasRoom(PiecesOfPdu))
            return false;
        WriteResponse(batch, slot, ref skip);
        return true;
    }

    private void WriteData(TransmitBatch batch, CommandSlot slot, int offset, int length, ref int skip)
    {
        bool isLast = offset + length == slot.DataToSend.Length;
        PduFlags flags = !isLast ? PduFlags.None : slot.UsesSuccessFlag ? PduFlags.LastPdu | PduFlags.Success : PduFlags.LastPdu;
        WriteDataHeader(batch, slot, PduType.C2HData, flags, offset, length, ref skip);

        ReadOnlyMemory<byte> data = slot.DataToSend.Slice(offset, length);
        int skipped = TakeSkip(ref skip, length);
        batch.Add(data[skipped..]);
        if (!Parameters.DataDigest)
            return;

        // Kept for the PDU that is next, so that a PDU which goes out in many sends is digested once.
        bool isNext = offset == slot.SentDataBytes;
        uint digest = isNext && slot.HasDataDigest ? slot.DataDigest : Crc32C.Compute(data.Span);
        if (isNext)
        {
            slot.DataDigest = digest;
            slot.HasDataDigest = true;
        }
        BinaryPrimitives.WriteUInt32LittleEndian(batch.Reserve(sizeof(uint)), digest);
        batch.Commit(sizeof(uint), TakeSkip(ref skip, sizeof(uint)));
    }

    private void WriteDataHeader(TransmitBatch batch, CommandSlot slot, PduType type, PduFlags flags, int offset, int length, ref int skip)
    {
        bool hasData = type == PduType.C2HData;
        int headerEnd = hasData ? Parameters.DataOffset(DataTransfer.Size) : DataTransfer.Size + Parameters.HeaderDigestBytes;
        Span<byte> bytes = batch.Reserve(headerEnd);
        bytes.Clear();
        ref DataTransfer header = ref WireStruct.Begin<DataTransfer>(bytes);
        header.Common.Type = type;
        header.Common.Flags = flags | DigestFlags(hasData);
        header.Common.HeaderLength = DataTransfer.Size;
        header.Common.DataOffset = (byte)(hasData ? headerEnd : 0);
        header.Common.Length = (uint)(headerEnd + (hasData ? length + Parameters.DataDigestBytes : 0));
        header.CommandId = slot.EntryField.CommandId;
        header.TransferTag = (ushort)(hasData ? 0 : slot.Index);
        header.Offset = (uint)offset;
        header.Length = (uint)length;
        SealHeader(bytes, DataTransfer.Size);
        batch.Commit(headerEnd, TakeSkip(ref skip, headerEnd));
    }

    private void WriteResponse(TransmitBatch batch, CommandSlot slot, ref int skip)
    {
        int length = ResponseCapsule.Size + Parameters.HeaderDigestBytes;
        Span<byte> bytes = batch.Reserve(length);
        ref ResponseCapsule response = ref WireStruct.Begin<ResponseCapsule>(bytes);
        response.Common.Type = PduType.CapsuleResp;
        response.Common.Flags = DigestFlags(hasData: false);
        response.Common.HeaderLength = ResponseCapsule.Size;
        response.Common.Length = (uint)length;
        response.Entry.Result = slot.Result;

        // Fixed at the first attempt: a response that goes out in two sends must not change in between.
        if (!slot.HasSubmissionQueueHead)
        {
            slot.SubmissionQueueHead = commands.SubmissionQueueHead;
            slot.HasSubmissionQueueHead = true;
        }
        response.Entry.SubmissionQueueHead = slot.SubmissionQueueHead;
        response.Entry.CommandId = slot.EntryField.CommandId;
        response.Entry.Status = slot.Status.Value;
        SealHeader(bytes, ResponseCapsule.Size);
        batch.Commit(length, TakeSkip(ref skip, length));
    }

    private PduFlags DigestFlags(bool hasData) =>
        (Parameters.HeaderDigest ? PduFlags.HeaderDigest : 0) | (hasData && Parameters.DataDigest ? PduFlags.DataDigest : 0);

    private void SealHeader(Span<byte> bytes, int headerLength)
    {
        if (Parameters.HeaderDigest)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[headerLength..], Crc32C.Compute(bytes[..headerLength]));
    }

    private int SizeOfFirst(in TransmitItem item)
    {
        switch (item.Kind)
        {
            case TransmitKind.Response:
                int dataLeft = item.Slot!.DataToSend.Length - item.Slot.SentDataBytes;
                return dataLeft > 0
                    ? Parameters.DataOffset(DataTransfer.Size) + Math.Min(connection.Limits.MaxC2HDataBytes, dataLeft) + Parameters.DataDigestBytes
                    : ResponseCapsule.Size + Parameters.HeaderDigestBytes;
            case TransmitKind.ReadyToTransfer:
                return DataTransfer.Size + Parameters.HeaderDigestBytes;
            case TransmitKind.Termination:
                return termination!.Length;
            default:
                return initialization!.Length;
        }
    }

    /// <summary>Moves on behind the first PDU, which is sent.</summary>
    private void Advance(in TransmitItem item)
    {
        if (item.Kind != TransmitKind.Response)
        {
            queue.RemoveFirst();
            if (item.Kind == TransmitKind.ReadyToTransfer)
                item.Slot!.IsGranted = true;
            return;
        }
        CommandSlot slot = item.Slot!;
        int dataLeft = slot.DataToSend.Length - slot.SentDataBytes;
        if (dataLeft > 0)
        {
            slot.SentDataBytes += Math.Min(connection.Limits.MaxC2HDataBytes, dataLeft);
            slot.HasDataDigest = false;
            bool isWhole = slot.SentDataBytes == slot.DataToSend.Length && slot.UsesSuccessFlag;
            if (!isWhole && termination is null)
                return;
        }
        queue.RemoveFirst();
        commands.Release(slot);
    }

    private static int TakeSkip(ref int skip, int length)
    {
        int taken = Math.Min(skip, length);
        skip -= taken;
        return taken;
    }
}
