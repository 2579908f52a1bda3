using System.Buffers.Binary;
using ManagedNvmet.Protocol.Digests;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Connection;

/// <summary>Cuts the byte stream into PDUs, checks headers and digests, and puts data where its owner wants it. Both ends use it.</summary>
internal sealed class PduReceiver
{
    private const int MaxHeaderBytes = 128 + 4;

    private readonly IPduConsumer consumer;
    private readonly byte[] header = new byte[MaxHeaderBytes];
    private readonly bool fromHost;

    private ReceiveState state;
    private int have;
    private int need = CommonHeader.Size;
    private int padding;
    private int dataLeft;
    private Memory<byte> sink;
    private bool hasDataDigest;
    private uint digestState;

    // What Receive is working on, and how much of it is still ahead.
    private ReadOnlyMemory<byte> block;
    private int unread;

    public PduReceiver(IPduConsumer consumer, bool fromHost)
    {
        this.consumer = consumer;
        this.fromHost = fromHost;
    }

    public ConnectionParameters Parameters { get; set; } = ConnectionParameters.Initial;

    /// <summary>Sees what is received; null while nobody watches.</summary>
    public IPduTap? Tap { get; set; }

    /// <summary>Where the next bytes of a large data PDU go without a detour, or empty.</summary>
    public Memory<byte> Direct => state == ReceiveState.Data && !sink.IsEmpty ? sink[..dataLeft] : default;

    /// <summary>Bytes up to the end of the PDU whose data is being received, or 0.</summary>
    public int LeftOfPdu => state switch
    {
        ReceiveState.Padding or ReceiveState.Data => padding + dataLeft + (hasDataDigest ? sizeof(uint) : 0),
        ReceiveState.DataDigest => need - have,
        _ => 0,
    };

    /// <summary>Set by the consumer inside <see cref="IPduConsumer.OnHeader"/>: where this PDU's data goes; without it, nowhere.</summary>
    public void SetSink(Memory<byte> destination) => sink = destination;

    /// <summary>Set by the consumer inside <see cref="IPduConsumer.OnHeader"/> when it has no room for the data yet: nothing more is taken
    /// from the stream until <see cref="Unblock"/>.</summary>
    public void Block() => IsBlocked = true;

    public void Unblock() => IsBlocked = false;

    public bool IsBlocked { get; private set; }

    /// <summary>Nothing is taken from the stream any more, but everything is swallowed.</summary>
    public void Stop() => state = ReceiveState.Stopped;

    /// <summary>Takes bytes from the stream.</summary>
    /// <returns>How many were taken: all, unless the consumer blocked.</returns>
    public int Receive(ReadOnlyMemory<byte> bytes)
    {
        block = bytes;
        int taken = Receive(bytes.Span);
        block = default;
        unread = 0;
        return taken;
    }

    /// <summary>Inside <see cref="IPduConsumer.OnHeader"/>: the data of this PDU where it was received, if all of it has come. It is there until
    /// <see cref="IPduConsumer.OnDataEnd"/> returns.</summary>
    public bool TryBorrow(out ReadOnlyMemory<byte> data)
    {
        int digestBytes = hasDataDigest ? sizeof(uint) : 0;
        bool isWhole = padding + dataLeft + digestBytes <= unread;
        data = isWhole ? block.Slice(block.Length - unread + padding, dataLeft) : default;
        return isWhole;
    }

    private int Receive(ReadOnlySpan<byte> bytes)
    {
        int total = bytes.Length;
        while (!IsBlocked)
        {
            switch (state)
            {
                case ReceiveState.Header:
                    if (!TakeHeader(ref bytes))
                        return total;
                    break;
                case ReceiveState.Padding:
                    int skipped = Math.Min(padding, bytes.Length);
                    padding -= skipped;
                    bytes = bytes[skipped..];
                    if (padding > 0)
                        return total;
                    state = ReceiveState.Data;
                    break;
                case ReceiveState.Data:
                    int taken = Math.Min(dataLeft, bytes.Length);
                    if (!sink.IsEmpty)
                        bytes[..taken].CopyTo(sink.Span);
                    TakeData(bytes[..taken]);
                    bytes = bytes[taken..];
                    if (state == ReceiveState.Data)
                        return total;
                    break;
                case ReceiveState.DataDigest:
                    if (!Gather(ref bytes))
                        return total;
                    Tap?.OnData(header.AsSpan(0, sizeof(uint)));
                    uint received = BinaryPrimitives.ReadUInt32LittleEndian(header);
                    EndPdu(received == Crc32C.Finish(digestState));
                    break;
                default:
                    return total;
            }
        }
        return total - bytes.Length;
    }

    /// <summary>Says that bytes were received into the front of <see cref="Direct"/>.</summary>
    public void ReceivedDirect(int count) => TakeData(sink.Span[..count]);

    private void TakeData(ReadOnlySpan<byte> bytes)
    {
        if (hasDataDigest)
            digestState = Crc32C.Append(digestState, bytes);
        Tap?.OnData(bytes);
        if (!sink.IsEmpty)
            sink = sink[bytes.Length..];
        dataLeft -= bytes.Length;
        if (dataLeft > 0)
            return;
        if (hasDataDigest)
        {
            state = ReceiveState.DataDigest;
            have = 0;
            need = sizeof(uint);
            return;
        }
        EndPdu(digestMatches: true);
    }

    /// <summary>Collects a header and has it looked at. False when it is not complete yet.</summary>
    private bool TakeHeader(ref ReadOnlySpan<byte> bytes)
    {
        if (have < CommonHeader.Size)
        {
            if (!Gather(ref bytes))
                return false;
            ref readonly CommonHeader common = ref WireStruct.Read<CommonHeader>(header);
            PduError error = consumer.OnCommonHeader(common, out bool isExpected, out int maxDataBytes);
            if (error.IsNone)
                error = PduRules.Check(common, fromHost, isExpected, Parameters, maxDataBytes);
            if (!error.IsNone)
            {
                Fail(error);
                return true;
            }
            need = common.HeaderLength + (PduShape.Of(common.Type).HasDigests ? Parameters.HeaderDigestBytes : 0);
        }
        if (!Gather(ref bytes))
            return false;
        unread = bytes.Length;
        BeginPdu();
        return true;
    }

    private bool Gather(ref ReadOnlySpan<byte> bytes)
    {
        int taken = Math.Min(need - have, bytes.Length);
        bytes[..taken].CopyTo(header.AsSpan(have));
        have += taken;
        bytes = bytes[taken..];
        return have == need;
    }

    private void BeginPdu()
    {
        CommonHeader common = WireStruct.Read<CommonHeader>(header);
        PduShape shape = PduShape.Of(common.Type);
        if (shape.HasDigests && Parameters.HeaderDigest)
        {
            uint received = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(common.HeaderLength));
            if (received != Crc32C.Compute(header.AsSpan(0, common.HeaderLength)))
            {
                Fail(new PduError(FatalErrorStatus.HeaderDigestError, received), common.HeaderLength);
                return;
            }
        }

        int length = (int)(uint)common.Length;
        bool hasData = length > need;
        bool isTermination = shape.Data == PduData.Terminate;
        hasDataDigest = hasData && !isTermination && Parameters.DataDigest;
        int dataOffset = isTermination || !hasData ? need : common.DataOffset;
        padding = dataOffset - need;
        dataLeft = length - dataOffset - (hasDataDigest ? sizeof(uint) : 0);
        digestState = Crc32C.Seed;
        sink = default;

        Tap?.OnHeader(header.AsSpan(0, need), padding, dataLeft + (hasDataDigest ? sizeof(uint) : 0));
        ReceiveState next = !hasData ? ReceiveState.Header : padding > 0 ? ReceiveState.Padding : ReceiveState.Data;
        state = next;
        have = 0;
        need = CommonHeader.Size;
        PduError error = consumer.OnHeader(common, header, dataLeft);
        if (!error.IsNone)
            Fail(error, common.HeaderLength, isShown: true);
    }

    private void EndPdu(bool digestMatches)
    {
        state = ReceiveState.Header;
        have = 0;
        need = CommonHeader.Size;
        consumer.OnDataEnd(digestMatches);
    }

    private void Fail(PduError error) => Fail(error, have);

    private void Fail(PduError error, int headerBytes, bool isShown = false)
    {
        // A header that is whole when it fails has been shown.
        Tap?.OnBroken(isShown ? default : header.AsSpan(0, Math.Min(headerBytes, MaxHeaderBytes)));
        Stop();
        consumer.OnFatal(error, header.AsSpan(0, Math.Min(headerBytes, TerminateConnection.MaxData)));
    }

    private enum ReceiveState : byte
    {
        Header,
        Padding,
        Data,
        DataDigest,
        Stopped,
    }
}
