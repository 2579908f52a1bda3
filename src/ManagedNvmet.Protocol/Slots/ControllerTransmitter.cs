using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Digests;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Sending;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Slots;

/// <summary>Turns the output of a controller into bytes. Headers are written for every send and not stored: after a partial send the same
/// bytes are written again, and the sent ones are skipped.</summary>
internal sealed class ControllerTransmitter
{
    private readonly CommandFlow _commands;
    private readonly int _maxDataBytes;
    private readonly TransmitQueue _queue = new();
    private TransmitBatch? _shown;
    private IPduTap? _tap;
    private byte[]? _termination;
    private byte[]? _initialization;

    // Sent bytes of the first PDU in the queue.
    private int _sentOfFirst;

    // Items that the last batch contains completely, and their bytes.
    private int _filledItems;
    private long _filledBytes;

    private ConnectionParameters _parameters;
    private CommonHeader _dataCommon;
    private CommonHeader _responseCommon;

    /// <param name="commands">The commands.</param>
    /// <param name="maxDataBytes">Most bytes of data in a C2HData PDU.</param>
    public ControllerTransmitter(CommandFlow commands, int maxDataBytes)
    {
        _commands = commands;
        _maxDataBytes = maxDataBytes;
        Parameters = ConnectionParameters.Initial;
    }

    public ConnectionParameters Parameters
    {
        get => _parameters;
        set
        {
            _parameters = value;
            PduFlags flags = value.HeaderDigest ? PduFlags.HeaderDigest : PduFlags.None;
            _dataCommon = new CommonHeader
            {
                Type = PduType.C2HData,
                Flags = flags | (value.DataDigest ? PduFlags.DataDigest : PduFlags.None),
                HeaderLength = DataTransfer.Size,
                DataOffset = (byte)value.DataOffset(DataTransfer.Size),
            };
            _responseCommon = new CommonHeader
            {
                Type = PduType.CapsuleResp,
                Flags = flags,
                HeaderLength = ResponseCapsule.Size,
                Length = (uint)(ResponseCapsule.Size + value.HeaderDigestBytes),
            };
        }
    }

    /// <summary>Observes sent PDUs, or null.</summary>
    public IPduTap? Tap
    {
        get => _tap;
        set
        {
            _tap = value;
            _shown = value is null ? null : _shown ?? new TransmitBatch(maxSegments: TransmitBatch.PiecesOfPdu + 1);
        }
    }

    public bool IsEmpty => _queue.Count == 0;

    public void SendInitialization(byte[] response)
    {
        _initialization = response;
        _queue.Add(TransmitKind.InitializeConnection);
    }

    public void SendReadyToTransfer(CommandSlot slot) => _queue.Add(TransmitKind.ReadyToTransfer, slot);

    public void SendResponse(CommandSlot slot) => _queue.Add(TransmitKind.Response, slot);

    /// <summary>Drops everything except a partly sent PDU, and sends this request last.</summary>
    public void SendTermination(byte[] request)
    {
        Truncate(_sentOfFirst > 0 ? 1 : 0);
        _termination = request;
        _queue.Add(TransmitKind.Termination);
    }

    /// <summary>Drops everything, and releases the commands.</summary>
    public void Clear() => Truncate(0);

    /// <summary>Fills the batch, which is empty, with as much as fits.</summary>
    public void Fill(TransmitBatch batch)
    {
        batch.Skip(_sentOfFirst);
        int index = 0;
        while (index < _queue.Count && batch.HasRoom
            && FillItem(batch, _queue[index], onlyOnePdu: index == 0 && _termination is not null))
        {
            index++;
            _filledBytes = batch.TotalBytes;
        }
        _filledItems = index;
    }

    /// <summary>Reports that the first <paramref name="count"/> bytes of the last batch were sent.</summary>
    public void Transmitted(long count)
    {
        if (_tap is null && _filledItems > 0 && count >= _filledBytes)
        {
            // The send ends between two items, as nearly always: the ends of their PDUs do not matter.
            count -= _filledBytes;
            _sentOfFirst = 0;
            for (int left = _filledItems; left > 0 && _queue.Count > 0; left--)
                End(_queue.TakeFirst());
        }
        _filledItems = 0;
        while (count > 0 && _queue.Count > 0)
        {
            TransmitItem item = _queue[0];
            int size = SizeOfFirst(item);
            if (count < size - _sentOfFirst)
            {
                _sentOfFirst += (int)count;
                return;
            }
            count -= size - _sentOfFirst;
            _sentOfFirst = 0;
            if (_tap is not null)
                Show(item);
            Advance(item);
        }
    }

    private void Truncate(int count)
    {
        for (int index = count; index < _queue.Count; index++)
        {
            if (_queue[index] is { Kind: TransmitKind.Response, Slot: { } slot })
                _commands.Release(slot);
        }
        _queue.Truncate(count);
        _filledItems = 0;
    }

    /// <summary>Shows the first PDU, which was sent, to the tap: it is written once more.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Show(in TransmitItem item)
    {
        _shown!.Clear();
        FillItem(_shown, item, onlyOnePdu: true);
        _tap!.OnSent(_shown.Segments, item.Slot?.Entry);
        _shown?.Clear();
    }

    /// <summary>Writes one item, or as much of it as fits; there is room for at least one PDU. False when a part is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool FillItem(TransmitBatch batch, in TransmitItem item, bool onlyOnePdu)
    {
        switch (item.Kind)
        {
            case TransmitKind.Response:
                return FillResponse(batch, item.Slot!, onlyOnePdu);
            case TransmitKind.ReadyToTransfer:
                WriteReadyToTransfer(batch, item.Slot!);
                return true;
            default:
                byte[] whole = item.Kind == TransmitKind.Termination ? _termination! : _initialization!;
                whole.CopyTo(batch.Reserve(whole.Length));
                batch.Commit(whole.Length);
                return true;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool FillResponse(TransmitBatch batch, CommandSlot slot, bool onlyOnePdu)
    {
        if (slot.SentDataBytes < slot.DataToSend.Length)
        {
            if (!FillData(batch, slot, onlyOnePdu))
                return false;
            if (onlyOnePdu || slot.UsesSuccessFlag)
                return true;
        }

        // The room for a data PDU includes the room for the response.
        WriteResponse(batch, slot);
        return true;
    }

    private bool FillData(TransmitBatch batch, CommandSlot slot, bool onlyOnePdu)
    {
        int dataBytes = slot.DataToSend.Length;
        int offset = slot.SentDataBytes;
        while (true)
        {
            int length = Math.Min(_maxDataBytes, dataBytes - offset);
            WriteData(batch, slot, offset, length);
            offset += length;
            if (onlyOnePdu || offset == dataBytes)
                return true;
            if (!batch.HasRoom)
                return false;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteData(TransmitBatch batch, CommandSlot slot, int offset, int length)
    {
        int headerEnd = _dataCommon.DataOffset;
        Span<byte> bytes = batch.Reserve(headerEnd);
        ref DataTransfer header = ref WireStruct.Begin<DataTransfer>(bytes);
        header.Common = _dataCommon;
        if (offset + length == slot.DataToSend.Length)
            header.Common.Flags = _dataCommon.Flags | (slot.UsesSuccessFlag ? PduFlags.LastPdu | PduFlags.Success : PduFlags.LastPdu);
        header.Common.Length = (uint)(headerEnd + length + _parameters.DataDigestBytes);
        header.CommandId = slot.EntryField.CommandId;
        header.Offset = (uint)offset;
        header.Length = (uint)length;
        Commit(batch, bytes, DataTransfer.Size);

        ReadOnlyMemory<byte> data = length == slot.DataToSend.Length ? slot.DataToSend : slot.DataToSend.Slice(offset, length);
        batch.Add(data);
        if (_parameters.DataDigest)
            WriteDataDigest(batch, slot, offset, data);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WriteDataDigest(TransmitBatch batch, CommandSlot slot, int offset, ReadOnlyMemory<byte> data)
    {
        // Kept for the next PDU, so that a PDU that takes several sends is digested once.
        bool isNext = offset == slot.SentDataBytes;
        uint digest = isNext && slot.HasDataDigest ? slot.DataDigest : Crc32C.Compute(data.Span);
        if (isNext)
        {
            slot.DataDigest = digest;
            slot.HasDataDigest = true;
        }
        BinaryPrimitives.WriteUInt32LittleEndian(batch.Reserve(sizeof(uint)), digest);
        batch.Commit(sizeof(uint));
    }

    private void WriteReadyToTransfer(TransmitBatch batch, CommandSlot slot)
    {
        int headerEnd = DataTransfer.Size + _parameters.HeaderDigestBytes;
        Span<byte> bytes = batch.Reserve(headerEnd);
        ref DataTransfer header = ref WireStruct.Begin<DataTransfer>(bytes);
        header.Common.Type = PduType.R2T;
        header.Common.Flags = _responseCommon.Flags;
        header.Common.HeaderLength = DataTransfer.Size;
        header.Common.Length = (uint)headerEnd;
        header.CommandId = slot.EntryField.CommandId;
        header.TransferTag = (ushort)slot.Index;
        header.Offset = (uint)slot.GrantStart;
        header.Length = (uint)slot.GrantLength;
        Commit(batch, bytes, DataTransfer.Size);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteResponse(TransmitBatch batch, CommandSlot slot)
    {
        // Fixed at the first attempt, because a response that takes two sends must not change in between.
        if (!slot.HasSubmissionQueueHead)
        {
            slot.SubmissionQueueHead = _commands.SubmissionQueueHead;
            slot.HasSubmissionQueueHead = true;
        }
        Span<byte> bytes = batch.Reserve(ResponseCapsule.Size + _parameters.HeaderDigestBytes);
        ref ResponseCapsule response = ref WireStruct.Begin<ResponseCapsule>(bytes);
        response.Common = _responseCommon;
        response.Entry.Result = slot.Result;
        response.Entry.SubmissionQueueHead = slot.SubmissionQueueHead;
        response.Entry.CommandId = slot.EntryField.CommandId;
        response.Entry.Status = slot.Status.Value;
        Commit(batch, bytes, ResponseCapsule.Size);
    }

    /// <summary>Adds a header to the batch, with its digest where there is one, and zeros up to the end of
    /// <paramref name="bytes"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Commit(TransmitBatch batch, Span<byte> bytes, int headerLength)
    {
        if (bytes.Length > headerLength)
            EndHeader(bytes, headerLength);
        batch.Commit(bytes.Length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EndHeader(Span<byte> bytes, int headerLength)
    {
        bytes[headerLength..].Clear();
        if (_parameters.HeaderDigest)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[headerLength..], Crc32C.Compute(bytes[..headerLength]));
    }

    private int SizeOfFirst(in TransmitItem item)
    {
        switch (item.Kind)
        {
            case TransmitKind.Response:
                int dataLeft = item.Slot!.DataToSend.Length - item.Slot.SentDataBytes;
                return dataLeft > 0
                    ? _dataCommon.DataOffset + Math.Min(_maxDataBytes, dataLeft) + Parameters.DataDigestBytes
                    : ResponseCapsule.Size + Parameters.HeaderDigestBytes;
            case TransmitKind.ReadyToTransfer:
                return DataTransfer.Size + Parameters.HeaderDigestBytes;
            case TransmitKind.Termination:
                return _termination!.Length;
            default:
                return _initialization!.Length;
        }
    }

    /// <summary>Advances past the first PDU, which was sent.</summary>
    private void Advance(in TransmitItem item)
    {
        if (item is { Kind: TransmitKind.Response, Slot: { } slot })
        {
            int dataLeft = slot.DataToSend.Length - slot.SentDataBytes;
            if (dataLeft > 0)
            {
                slot.SentDataBytes += Math.Min(_maxDataBytes, dataLeft);
                slot.HasDataDigest = false;
                bool isWhole = slot.SentDataBytes == slot.DataToSend.Length && slot.UsesSuccessFlag;
                if (!isWhole && _termination is null)
                    return;
            }
        }
        End(_queue.TakeFirst());
    }

    /// <summary>An item was sent completely and is not in the queue any more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void End(in TransmitItem item)
    {
        if (item.Kind == TransmitKind.Response)
            _commands.Release(item.Slot!);
        else if (item.Kind == TransmitKind.ReadyToTransfer)
            item.Slot!.IsGranted = true;
    }
}
