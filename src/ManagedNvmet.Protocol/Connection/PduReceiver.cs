using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Digests;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Connection;

/// <summary>Cuts the byte stream into PDUs, checks headers and digests, and puts data where its owner wants it. Both ends use it.</summary>
internal sealed class PduReceiver
{
    private const int MaxHeaderBytes = 128 + 4;

    // A power of two. Hosts use few different common headers: one for commands, one for each size of data.
    private const int KnownLayouts = 4;

    private readonly IPduConsumer consumer;
    private readonly byte[] header = new byte[MaxHeaderBytes];
    private readonly PduLayout[] known = new PduLayout[KnownLayouts];
    private readonly bool fromHost;

    private ConnectionParameters parameters = ConnectionParameters.Initial;
    private PduLayout layout;
    private ReceiveState state;
    private int have;
    private int need = CommonHeader.Size;
    private int padding;
    private int dataLeft;
    private Memory<byte> sink;

    // Bytes that may only appear in the sink together, and those of them that have come so far.
    private int unit = 1;
    private byte[]? partOfUnit;
    private int partBytes;
    private uint digestState;

    // What Receive is working on, and how much of it is still ahead.
    private ReadOnlyMemory<byte> block;
    private int unread;

    public PduReceiver(IPduConsumer consumer, bool fromHost)
    {
        this.consumer = consumer;
        this.fromHost = fromHost;
    }

    public ConnectionParameters Parameters
    {
        get => parameters;
        set
        {
            parameters = value;
            ForgetLayouts();
        }
    }

    /// <summary>Sees what is received; null while nobody watches.</summary>
    public IPduTap? Tap { get; set; }

    /// <summary>Headers of PDUs that came so far.</summary>
    public long PduCount { get; private set; }

    /// <summary>Where the next bytes of a large data PDU go without a detour, or empty.</summary>
    public Memory<byte> Direct => state == ReceiveState.Data && !sink.IsEmpty && partBytes == 0 ? sink[..dataLeft] : default;

    /// <summary>Bytes that are received into <see cref="Direct"/> together or not at all.</summary>
    public int DirectUnit => unit;

    /// <summary>Bytes up to the end of the PDU whose data is being received, or 0.</summary>
    public int LeftOfPdu => state switch
    {
        ReceiveState.Padding or ReceiveState.Data => BehindHeader,
        ReceiveState.DataDigest => need - have,
        _ => 0,
    };

    // Of the PDU in hand, what is still ahead of its padding, its data and its digest.
    private int BehindHeader => padding + dataLeft + layout.DataDigestBytes;

    /// <summary>Set by the consumer inside <see cref="IPduConsumer.OnHeader"/>: where this PDU's data goes; without it, nowhere. Set later, it is
    /// for the rest of the data, which goes nowhere then.</summary>
    /// <param name="destination">At least the data of the PDU.</param>
    /// <param name="wholeBytes">So many bytes appear in the destination together, however they come: the data is a multiple of it.</param>
    public void SetSink(Memory<byte> destination, int wholeBytes = 1)
    {
        sink = destination;
        unit = wholeBytes;
        partBytes = 0;
    }

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

    /// <summary>Inside <see cref="IPduConsumer.OnHeader"/>: takes the data of this PDU where it was received, if all of it has come. It is there
    /// until <see cref="IPduConsumer.OnHeader"/> returns, and <see cref="IPduConsumer.OnDataEnd"/> is not called for it.</summary>
    /// <param name="data">The data.</param>
    /// <param name="digestMatches">False when the data is damaged.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTakeData(out ReadOnlyMemory<byte> data, out bool digestMatches)
    {
        digestMatches = true;
        int left = BehindHeader;
        if (left > unread)
        {
            data = default;
            return false;
        }
        data = block.Slice(block.Length - unread + padding, dataLeft);
        unread -= left;
        state = ReceiveState.Header;
        Tap?.OnData(data.Span);
        if (layout.HasDataDigest)
            digestMatches = IsDigestOf(data.Span, block.Span[^(unread + sizeof(uint))..^unread]);
        return true;
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
                        Store(bytes[..taken]);
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
    public void ReceivedDirect(int count)
    {
        Memory<byte> received = sink[..count];
        sink = sink[count..];
        TakeData(received.Span);
    }

    private void Store(ReadOnlySpan<byte> bytes)
    {
        if (partBytes > 0)
        {
            int missing = Math.Min(unit - partBytes, bytes.Length);
            bytes[..missing].CopyTo(partOfUnit.AsSpan(partBytes));
            partBytes += missing;
            bytes = bytes[missing..];
            if (partBytes < unit)
                return;
            partBytes = 0;
            StoreWhole(partOfUnit.AsSpan(0, unit));
        }
        int whole = unit == 1 ? bytes.Length : bytes.Length - (bytes.Length % unit);
        StoreWhole(bytes[..whole]);
        if (whole == bytes.Length)
            return;
        if (partOfUnit is null || partOfUnit.Length < unit)
            partOfUnit = new byte[unit];
        partBytes = bytes.Length - whole;
        bytes[whole..].CopyTo(partOfUnit);
    }

    private void StoreWhole(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(sink.Span);
        sink = sink[bytes.Length..];
    }

    private void TakeData(ReadOnlySpan<byte> bytes)
    {
        if (layout.HasDataDigest)
            digestState = Crc32C.Append(digestState, bytes);
        Tap?.OnData(bytes);
        dataLeft -= bytes.Length;
        if (dataLeft > 0)
            return;
        if (layout.HasDataDigest)
        {
            state = ReceiveState.DataDigest;
            have = 0;
            need = sizeof(uint);
            return;
        }
        EndPdu(digestMatches: true);
    }

    /// <summary>The consumer would answer <see cref="IPduConsumer.OnCommonHeader"/> otherwise now than before.</summary>
    public void ForgetLayouts() => known.AsSpan().Clear();

    /// <summary>Takes a header and has it looked at. False when it is not complete yet.</summary>
    private bool TakeHeader(ref ReadOnlySpan<byte> bytes)
    {
        if (have > 0 || bytes.Length < CommonHeader.Size)
            return !bytes.IsEmpty && GatherHeader(ref bytes);
        if (!TryLayOut(bytes))
            return true;
        int length = layout.HeaderBytes;
        if (bytes.Length < length)
        {
            need = length;
            return GatherHeader(ref bytes);
        }

        // Whole, as nearly all are: it is looked at where it was received.
        unread = bytes.Length - length;
        BeginPdu(bytes[..length]);
        bytes = bytes[^unread..];
        return true;
    }

    // One that comes in pieces.
    private bool GatherHeader(ref ReadOnlySpan<byte> bytes)
    {
        if (need == CommonHeader.Size)
        {
            if (!Gather(ref bytes))
                return false;
            if (!TryLayOut(header))
                return true;
            need = layout.HeaderBytes;
        }
        if (!Gather(ref bytes))
            return false;
        unread = bytes.Length;
        BeginPdu(header.AsSpan(0, layout.HeaderBytes));
        bytes = bytes[^unread..];
        return true;
    }

    /// <summary>Checks a common header and works out what belongs to it. False when it is wrong, which the consumer knows then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryLayOut(ReadOnlySpan<byte> bytes)
    {
        ulong raw = BinaryPrimitives.ReadUInt64LittleEndian(bytes);

        // One that was found right a moment ago needs no second look.
        ref PduLayout candidate = ref known[PduLayout.Hash(raw) & (KnownLayouts - 1)];
        if (!candidate.IsOf(raw) && !TryLayOutAnew(raw, bytes, ref candidate))
            return false;
        layout = candidate;
        return true;
    }

    private bool TryLayOutAnew(ulong raw, ReadOnlySpan<byte> bytes, ref PduLayout candidate)
    {
        ref readonly CommonHeader common = ref WireStruct.Read<CommonHeader>(bytes);
        PduError error = consumer.OnCommonHeader(common, out bool isExpected, out int maxDataBytes);
        if (error.IsNone)
            error = PduRules.Check(common, fromHost, isExpected, parameters, maxDataBytes);
        if (!error.IsNone)
        {
            Fail(error, bytes[..CommonHeader.Size]);
            return false;
        }
        candidate = new PduLayout(raw, common, parameters);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BeginPdu(ReadOnlySpan<byte> whole)
    {
        ref readonly CommonHeader common = ref WireStruct.Read<CommonHeader>(whole);
        if (layout.HasHeaderDigest)
        {
            ReadOnlySpan<byte> digested = whole[..common.HeaderLength];
            uint received = BinaryPrimitives.ReadUInt32LittleEndian(whole[common.HeaderLength..]);
            if (received != Crc32C.Compute(digested))
            {
                Fail(new PduError(FatalErrorStatus.HeaderDigestError, received), digested);
                return;
            }
        }
        PduCount++;
        padding = layout.PaddingBytes;
        dataLeft = layout.DataBytes;
        digestState = Crc32C.Seed;
        sink = default;

        Tap?.OnHeader(whole, padding, dataLeft + layout.DataDigestBytes);
        state = dataLeft == 0 ? ReceiveState.Header : padding > 0 ? ReceiveState.Padding : ReceiveState.Data;
        have = 0;
        need = CommonHeader.Size;
        PduError error = consumer.OnHeader(common, whole, dataLeft);
        if (!error.IsNone)
            Fail(error, whole[..common.HeaderLength], isShown: true);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsDigestOf(ReadOnlySpan<byte> data, ReadOnlySpan<byte> digest)
    {
        Tap?.OnData(digest);
        return BinaryPrimitives.ReadUInt32LittleEndian(digest) == Crc32C.Compute(data);
    }

    private void EndPdu(bool digestMatches)
    {
        state = ReceiveState.Header;
        have = 0;
        need = CommonHeader.Size;
        consumer.OnDataEnd(digestMatches);
    }

    private void Fail(PduError error, ReadOnlySpan<byte> offending, bool isShown = false)
    {
        // A header that is whole when it fails has been shown.
        Tap?.OnBroken(isShown ? default : offending);
        Stop();
        consumer.OnFatal(error, offending[..Math.Min(offending.Length, TerminateConnection.MaxData)]);
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
