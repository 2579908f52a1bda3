using System.Buffers.Binary;
using ManagedNvmet.Protocol.Digests;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Sending;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Host;

/// <summary>Turns the output of a host into bytes, as the controller's end does: headers are written for every send, and sent bytes are
/// skipped.</summary>
internal sealed class HostTransmitter
{
    private const int CompactAt = 256;

    private readonly List<Item> _queue = [];
    private int _first;
    private int _sentOfFirst;

    public ConnectionParameters Parameters { get; set; } = ConnectionParameters.Initial;

    public int MaxH2CDataBytes { get; set; } = int.MaxValue;

    public bool IsEmpty => _first == _queue.Count;

    /// <summary>A PDU is partly sent.</summary>
    public bool IsMidPdu => _sentOfFirst > 0;

    /// <summary>A PDU of this command is partly sent.</summary>
    public bool IsSending(HostCommand command) => IsMidPdu && _queue[_first].Command == command;

    public void SendWhole(byte[] pdu) => _queue.Add(new Item(null, pdu, false, 0, 0));

    public void SendCommand(HostCommand command, bool inCapsule)
    {
        command.IsCapsuleQueued = true;
        _queue.Add(new Item(command, null, true, 0, inCapsule ? command.Data.Length : 0));
    }

    /// <summary>Sends the range of the R2T, in as many PDUs as it takes.</summary>
    public void SendData(HostCommand command)
    {
        for (int offset = command.GrantOffset, left = command.GrantLeft; left > 0;)
        {
            int length = Math.Min(left, MaxH2CDataBytes);
            _queue.Add(new Item(command, null, false, offset, length));
            offset += length;
            left -= length;
        }
    }

    /// <summary>Drops the output of a command, except a partly sent PDU.</summary>
    public void Forget(HostCommand command)
    {
        if (command.GrantLeft == 0)
            return;
        for (int index = _queue.Count - 1; index >= _first; index--)
        {
            if (_queue[index].Command == command && !(index == _first && _sentOfFirst > 0))
                _queue.RemoveAt(index);
        }
    }

    public void Clear()
    {
        _queue.Clear();
        _first = 0;
        _sentOfFirst = 0;
    }

    public void Fill(TransmitBatch batch)
    {
        batch.Skip(_sentOfFirst);
        for (int index = _first; index < _queue.Count && batch.HasRoom; index++)
            Write(batch, _queue[index]);
    }

    public void Transmitted(long count)
    {
        while (count > 0)
        {
            Item item = _queue[_first];
            int size = SizeOf(item);
            if (count < size - _sentOfFirst)
            {
                _sentOfFirst += (int)count;
                return;
            }
            count -= size - _sentOfFirst;
            _sentOfFirst = 0;
            if (item is { Command: { } sent, IsCapsule: true })
            {
                sent.IsCapsuleQueued = false;
            }
            else if (item.Command is { } command)
            {
                command.GrantOffset += item.Length;
                command.GrantLeft = Math.Max(0, command.GrantLeft - item.Length);
            }
            RemoveFirst();
        }
    }

    private void RemoveFirst()
    {
        _first++;

        // The list is compacted now and then, so that a queue which is never quite empty does not grow for ever.
        if (_first < _queue.Count && _first < CompactAt)
            return;
        _queue.RemoveRange(0, _first);
        _first = 0;
    }

    private void Write(TransmitBatch batch, in Item item)
    {
        if (item.Whole is { } whole)
        {
            whole.CopyTo(batch.Reserve(whole.Length));
            batch.Commit(whole.Length);
            return;
        }
        HostCommand command = item.Command!;
        int headerLength = item.IsCapsule ? CommandCapsule.Size : DataTransfer.Size;
        int headerEnd = HeaderEnd(item, headerLength);
        Span<byte> bytes = batch.Reserve(headerEnd);
        bytes.Clear();
        ref CommonHeader common = ref WireStruct.Begin<CommonHeader>(bytes);
        common.Type = item.IsCapsule ? PduType.CapsuleCmd : PduType.H2CData;
        common.Flags = (Parameters.HeaderDigest ? PduFlags.HeaderDigest : 0)
            | (item.Length > 0 && Parameters.DataDigest ? PduFlags.DataDigest : 0);
        common.HeaderLength = (byte)headerLength;
        common.DataOffset = (byte)(item.Length > 0 ? headerEnd : 0);
        common.Length = (uint)SizeOf(item);
        if (item.IsCapsule)
        {
            WireStruct.Bytes(ref command.Entry).CopyTo(bytes[CommonHeader.Size..]);
        }
        else
        {
            CommonHeader filled = common;
            ref DataTransfer header = ref WireStruct.Begin<DataTransfer>(bytes);
            header.Common = filled;
            if (item.Offset + item.Length == command.GrantOffset + command.GrantLeft)
                header.Common.Flags |= PduFlags.LastPdu;
            header.CommandId = command.Entry.CommandId;
            header.TransferTag = command.TransferTag;
            header.Offset = (uint)item.Offset;
            header.Length = (uint)item.Length;
        }
        if (Parameters.HeaderDigest)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[headerLength..], Crc32C.Compute(bytes[..headerLength]));
        batch.Commit(headerEnd);
        if (item.Length == 0)
            return;
        ReadOnlyMemory<byte> data = command.Data.Slice(item.Offset, item.Length);
        batch.Add(data);
        if (!Parameters.DataDigest)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(batch.Reserve(sizeof(uint)), Crc32C.Compute(data.Span));
        batch.Commit(sizeof(uint));
    }

    private int HeaderEnd(in Item item, int headerLength) =>
        item.Length > 0 ? Parameters.DataOffset(headerLength) : headerLength + Parameters.HeaderDigestBytes;

    private int SizeOf(in Item item)
    {
        if (item.Whole is { } whole)
            return whole.Length;
        int headerEnd = HeaderEnd(item, item.IsCapsule ? CommandCapsule.Size : DataTransfer.Size);
        return headerEnd + (item.Length > 0 ? item.Length + Parameters.DataDigestBytes : 0);
    }


    /// <summary>One PDU to send: a command capsule, a piece of a command's data, or a PDU that is ready as it is.</summary>
    private readonly record struct Item(HostCommand? Command, byte[]? Whole, bool IsCapsule, int Offset, int Length);
}
