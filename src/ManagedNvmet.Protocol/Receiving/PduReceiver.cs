using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Digests;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Receiving;

/// <summary>Splits the byte stream into PDUs, checks headers and digests, and copies data to its destination. Both ends use it.</summary>
internal sealed class PduReceiver
{
    private const int MaxHeaderBytes = 128 + 4;

    // A power of two. Hosts use few different common headers: one for commands, one for each size of data.
    private const int KnownLayouts = 4;

    private readonly IPduConsumer _consumer;
    private readonly byte[] _header = new byte[MaxHeaderBytes];
    private readonly PduLayout[] _known = new PduLayout[KnownLayouts];
    private readonly bool _fromHost;

    private ConnectionParameters _parameters = ConnectionParameters.Initial;
    private PduLayout _layout;
    private ReceiveState _state;
    private int _have;
    private int _need = CommonHeader.Size;
    private int _padding;
    private int _dataLeft;
    private Memory<byte> _sink;
    private uint _digestState;

    // The block that Receive works on, and its unprocessed bytes.
    private ReadOnlyMemory<byte> _block;
    private int _unread;

    public PduReceiver(IPduConsumer consumer, bool fromHost)
    {
        _consumer = consumer;
        _fromHost = fromHost;
    }

    public ConnectionParameters Parameters
    {
        get => _parameters;
        set
        {
            _parameters = value;
            ForgetLayouts();
        }
    }

    /// <summary>Observes received PDUs, or null.</summary>
    public IPduTap? Tap { get; set; }

    /// <summary>Memory into which the next data may be received directly, or empty.</summary>
    public Memory<byte> Direct => _state == ReceiveState.Data && !_sink.IsEmpty ? _sink[.._dataLeft] : default;

    /// <summary>Bytes up to the end of the PDU whose data is being received, or 0.</summary>
    public int LeftOfPdu => _state switch
    {
        ReceiveState.Padding or ReceiveState.Data => BehindHeader,
        ReceiveState.DataDigest => _need - _have,
        _ => 0,
    };

    // Bytes of the current PDU behind its header that were not processed yet.
    private int BehindHeader => _padding + _dataLeft + _layout.DataDigestBytes;

    /// <summary>Sets where the data of this PDU goes. The consumer calls it inside <see cref="IPduConsumer.OnHeader"/>, or before
    /// <see cref="Unblock"/>; otherwise the data is dropped.</summary>
    /// <param name="destination">At least as long as the data of the PDU.</param>
    public void SetSink(Memory<byte> destination) => _sink = destination;

    /// <summary>Stops taking bytes from the stream until <see cref="Unblock"/>. The consumer calls it inside
    /// <see cref="IPduConsumer.OnHeader"/> when it has no buffer for the data.</summary>
    public void Block() => IsBlocked = true;

    public void Unblock() => IsBlocked = false;

    public bool IsBlocked { get; private set; }

    /// <summary>Drops all further bytes.</summary>
    public void Stop() => _state = ReceiveState.Stopped;

    /// <summary>Takes bytes from the stream.</summary>
    /// <returns>Number of bytes taken: all, unless the consumer blocked.</returns>
    public int Receive(ReadOnlyMemory<byte> bytes)
    {
        _block = bytes;
        int taken = Receive(bytes.Span);
        _block = default;
        _unread = 0;
        return taken;
    }

    /// <summary>Inside <see cref="IPduConsumer.OnHeader"/>: takes the data of this PDU in the receive buffer, if all of it has arrived. It
    /// is valid until <see cref="IPduConsumer.OnHeader"/> returns, and <see cref="IPduConsumer.OnDataEnd"/> is not called for it.</summary>
    /// <param name="data">The data.</param>
    /// <param name="digestMatches">False when the data is damaged.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTakeData(out ReadOnlyMemory<byte> data, out bool digestMatches)
    {
        digestMatches = true;
        int left = BehindHeader;
        if (left > _unread)
        {
            data = default;
            return false;
        }
        data = _block.Slice(_block.Length - _unread + _padding, _dataLeft);
        _unread -= left;
        _state = ReceiveState.Header;
        Tap?.OnData(data.Span);
        if (_layout.HasDataDigest)
            digestMatches = IsDigestOf(data.Span, _block.Span[^(_unread + sizeof(uint))..^_unread]);
        return true;
    }

    private int Receive(ReadOnlySpan<byte> bytes)
    {
        int total = bytes.Length;
        while (!IsBlocked)
        {
            switch (_state)
            {
                case ReceiveState.Header:
                    if (!TakeHeader(ref bytes))
                        return total;
                    break;
                case ReceiveState.Padding:
                    int skipped = Math.Min(_padding, bytes.Length);
                    _padding -= skipped;
                    bytes = bytes[skipped..];
                    if (_padding > 0)
                        return total;
                    _state = ReceiveState.Data;
                    break;
                case ReceiveState.Data:
                    int taken = Math.Min(_dataLeft, bytes.Length);
                    if (!_sink.IsEmpty)
                    {
                        bytes[..taken].CopyTo(_sink.Span);
                        _sink = _sink[taken..];
                    }
                    TakeData(bytes[..taken]);
                    bytes = bytes[taken..];
                    if (_state == ReceiveState.Data)
                        return total;
                    break;
                case ReceiveState.DataDigest:
                    if (!Gather(ref bytes))
                        return total;
                    Tap?.OnData(_header.AsSpan(0, sizeof(uint)));
                    uint received = BinaryPrimitives.ReadUInt32LittleEndian(_header);
                    EndPdu(received == Crc32C.Finish(_digestState));
                    break;
                default:
                    return total;
            }
        }
        return total - bytes.Length;
    }

    /// <summary>Reports bytes that were received into the front of <see cref="Direct"/>.</summary>
    public void ReceivedDirect(int count)
    {
        Memory<byte> received = _sink[..count];
        _sink = _sink[count..];
        TakeData(received.Span);
    }

    private void TakeData(ReadOnlySpan<byte> bytes)
    {
        if (_layout.HasDataDigest)
            _digestState = Crc32C.Append(_digestState, bytes);
        Tap?.OnData(bytes);
        _dataLeft -= bytes.Length;
        if (_dataLeft > 0)
            return;
        if (_layout.HasDataDigest)
        {
            _state = ReceiveState.DataDigest;
            _have = 0;
            _need = sizeof(uint);
            return;
        }
        EndPdu(digestMatches: true);
    }

    /// <summary>Forgets known layouts, because <see cref="IPduConsumer.OnCommonHeader"/> would return other values now.</summary>
    public void ForgetLayouts() => _known.AsSpan().Clear();

    /// <summary>Takes a header and passes it to the consumer. False when it is not complete yet.</summary>
    private bool TakeHeader(ref ReadOnlySpan<byte> bytes)
    {
        if (_have > 0 || bytes.Length < CommonHeader.Size)
            return !bytes.IsEmpty && GatherHeader(ref bytes);
        if (!TryLayOut(bytes))
            return true;
        int length = _layout.HeaderBytes;
        if (bytes.Length < length)
        {
            _need = length;
            return GatherHeader(ref bytes);
        }

        // The header is whole, as nearly always, and is read in the receive buffer.
        _unread = bytes.Length - length;
        BeginPdu(bytes[..length]);
        bytes = bytes[^_unread..];
        return true;
    }

    // Takes a header that arrives in pieces.
    private bool GatherHeader(ref ReadOnlySpan<byte> bytes)
    {
        if (_need == CommonHeader.Size)
        {
            if (!Gather(ref bytes))
                return false;
            if (!TryLayOut(_header))
                return true;
            _need = _layout.HeaderBytes;
        }
        if (!Gather(ref bytes))
            return false;
        _unread = bytes.Length;
        BeginPdu(_header.AsSpan(0, _layout.HeaderBytes));
        bytes = bytes[^_unread..];
        return true;
    }

    /// <summary>Checks a common header and sets its layout. False when it is invalid; the consumer was told.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryLayOut(ReadOnlySpan<byte> bytes)
    {
        ulong raw = BinaryPrimitives.ReadUInt64LittleEndian(bytes);

        // A header that equals a recently checked one is valid.
        ref PduLayout candidate = ref _known[PduLayout.Hash(raw) & (KnownLayouts - 1)];
        if (!candidate.IsOf(raw) && !TryLayOutAnew(raw, bytes, ref candidate))
            return false;
        _layout = candidate;
        return true;
    }

    private bool TryLayOutAnew(ulong raw, ReadOnlySpan<byte> bytes, ref PduLayout candidate)
    {
        ref readonly CommonHeader common = ref WireStruct.Read<CommonHeader>(bytes);
        PduError error = _consumer.OnCommonHeader(common, out bool isExpected, out int maxDataBytes);
        if (error.IsNone)
            error = PduRules.Check(common, _fromHost, isExpected, _parameters, maxDataBytes);
        if (!error.IsNone)
        {
            Fail(error, bytes[..CommonHeader.Size]);
            return false;
        }
        candidate = new PduLayout(raw, common, _parameters);
        return true;
    }

    private bool Gather(ref ReadOnlySpan<byte> bytes)
    {
        int taken = Math.Min(_need - _have, bytes.Length);
        bytes[..taken].CopyTo(_header.AsSpan(_have));
        _have += taken;
        bytes = bytes[taken..];
        return _have == _need;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BeginPdu(ReadOnlySpan<byte> whole)
    {
        ref readonly CommonHeader common = ref WireStruct.Read<CommonHeader>(whole);
        if (_layout.HasHeaderDigest)
        {
            ReadOnlySpan<byte> digested = whole[..common.HeaderLength];
            uint received = BinaryPrimitives.ReadUInt32LittleEndian(whole[common.HeaderLength..]);
            if (received != Crc32C.Compute(digested))
            {
                Fail(new PduError(FatalErrorStatus.HeaderDigestError, received), digested);
                return;
            }
        }
        _padding = _layout.PaddingBytes;
        _dataLeft = _layout.DataBytes;
        _digestState = Crc32C.Seed;
        _sink = default;

        Tap?.OnHeader(whole, _padding, _dataLeft + _layout.DataDigestBytes);
        _state = _dataLeft == 0 ? ReceiveState.Header : _padding > 0 ? ReceiveState.Padding : ReceiveState.Data;
        _have = 0;
        _need = CommonHeader.Size;
        PduError error = _consumer.OnHeader(common, whole, _dataLeft);
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
        _state = ReceiveState.Header;
        _have = 0;
        _need = CommonHeader.Size;
        _consumer.OnDataEnd(digestMatches);
    }

    private void Fail(PduError error, ReadOnlySpan<byte> offending, bool isShown = false)
    {
        // The tap has seen the header already when it is whole.
        Tap?.OnBroken(isShown ? default : offending);
        Stop();
        _consumer.OnFatal(error, offending[..Math.Min(offending.Length, TerminateConnection.MaxData)]);
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
