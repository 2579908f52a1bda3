using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Slots;
using ManagedNvmet.Protocol.Wire;
using Segment = ManagedNvmet.Tracing.SyntheticTcp.Segment;

namespace ManagedNvmet.Tracing;

/// <summary>One connection as one trace shows it: picks the PDUs that are wanted and puts each as one packet into the ring of the
/// shard.</summary>
/// <remarks>Belongs to the connection's thread. Allocates when it begins, and nothing for a PDU.</remarks>
internal sealed class ConnectionTap(TraceSession session, ControllerConnection connection) : IPduTap
{
    // A header with its digest, and what pads it to the largest alignment of data.
    private const int MaxHeaderBytes = 128 + 4 + 128;
    private const int DigestBytes = 4;
    private const int EntryOffset = CommonHeader.Size;
    private const int QueueIdOffset = EntryOffset + 42;
    private const byte FabricsSend = 0x05;
    private const byte FabricsReceive = 0x06;
    private const byte SecuritySend = 0x81;
    private const byte SecurityReceive = 0x82;

    // Where there is no network, addresses are made up too.
    private static int _lastPort = 1024;

    private readonly TraceRequest _request = session.Request;
    private State _state;
    private SyntheticTcp? _tcp;
    private byte[]? _initializeRequest;
    private byte[]? _initializeResponse;
    private long _requestedAt;
    private long _respondedAt;

    // The PDU whose data is arriving.
    private byte[] _pending = [];
    private int _pendingHeader;
    private int _pendingBytes;
    private int _pendingCapture;
    private int _pendingOriginal;
    private int _pendingMissing;

    private enum State : byte
    {
        /// <summary>Nothing has come yet.</summary>
        Fresh,

        /// <summary>Its Connect is awaited, which tells whether it is wanted.</summary>
        Undecided,

        /// <summary>It is shown.</summary>
        Shown,

        /// <summary>It is not shown, or the trace is over.</summary>
        Over,
    }

    public void OnHeader(ReadOnlySpan<byte> header, int paddingBytes, int dataBytes)
    {
        _pendingMissing = 0;
        if (!IsWanted())
            return;
        var type = (PduType)header[0];
        int headerBytes = header.Length + paddingBytes;
        int capture = headerBytes + Math.Min(dataBytes, MostDataBytes(type, header, out bool isSelected));
        if (_state == State.Undecided)
        {
            if (type == PduType.ICReq)
            {
                _initializeRequest = header.ToArray();
                _requestedAt = Stopwatch.GetTimestamp();
            }
            if (!IsConnect(type, header))
                return;
        }
        else
        {
            session.Ring?.CountSeen();
        }
        if (!isSelected)
            return;
        if (dataBytes == 0 && _state == State.Shown)
        {
            Put(header, isToHost: false, header.Length);
            return;
        }
        if (_pending.Length == 0)
            _pending = new byte[MaxHeaderBytes + Math.Max(_request.DataBytes, ConnectCommandData.Size) + DigestBytes];
        header.CopyTo(_pending);
        _pending.AsSpan(header.Length, paddingBytes).Clear();
        _pendingHeader = headerBytes;
        _pendingBytes = headerBytes;
        _pendingCapture = capture;
        _pendingOriginal = headerBytes + dataBytes;
        _pendingMissing = dataBytes;
        if (dataBytes == 0)
            ShowPending();
    }

    public void OnData(ReadOnlySpan<byte> bytes)
    {
        if (_pendingMissing == 0)
            return;
        int kept = Math.Min(_pendingCapture - _pendingBytes, bytes.Length);
        bytes[..kept].CopyTo(_pending.AsSpan(_pendingBytes));
        _pendingBytes += kept;
        _pendingMissing -= bytes.Length;
        if (_pendingMissing == 0)
            ShowPending();
    }

    public void OnBroken(ReadOnlySpan<byte> header)
    {
        if (!IsWanted() || _state != State.Shown)
            return;
        if (!header.IsEmpty)
        {
            // The peer may have written any length; the frame says no more than that something is missing.
            session.Ring?.CountSeen();
            uint said = header.Length >= CommonHeader.Size ? WireStruct.Read<CommonHeader>(header).Length : 0;
            Put(header, isToHost: false, (int)Math.Clamp(said, (uint)header.Length, ushort.MaxValue / 2), FrameNote.Broken);
        }
        else if (_pendingMissing > 0)
        {
            _pendingMissing = 0;
            Put(_pending.AsSpan(0, _pendingBytes), isToHost: false, _pendingOriginal, FrameNote.Broken);
        }
    }

    public void OnSent(ReadOnlySpan<ReadOnlyMemory<byte>> pieces, SubmissionEntry? entry)
    {
        if (!IsWanted())
            return;
        ReadOnlySpan<byte> header = pieces[0].Span;
        var type = (PduType)header[0];
        if (_state == State.Undecided)
        {
            // The Connect was not seen, or its data came apart from it; but now it has succeeded.
            if (type == PduType.ICResp)
            {
                _initializeResponse = header.ToArray();
                _respondedAt = Stopwatch.GetTimestamp();
            }
            if (connection.Identity is not { } identity || !Decide(identity.HostNqn, identity.SubsystemNqn, identity.QueueId))
                return;
            MakeUpStart(identity, isConnected: false);
        }
        FrameRing? ring = session.Ring;
        ring?.CountSeen();
        if (entry is { } command && !_request.Commands.Contains(command, connection.IsAdmin))
            return;
        int original = 0;
        foreach (ReadOnlyMemory<byte> piece in pieces)
            original += piece.Length;
        int captured = type != PduType.C2HData ? original
            : Math.Min(original, header.Length + (entry is null || IsSecret(entry.Value) ? 0 : _request.DataBytes));
        if (!TryBegin(ring, isToHost: true, Segment.Push | Segment.Acknowledge, captured, original, out Span<byte> room))
            return;
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            int kept = Math.Min(piece.Length, room.Length);
            piece.Span[..kept].CopyTo(room);
            room = room[kept..];
        }
        Commit(ring!, isToHost: true, captured, original, Stopwatch.GetTimestamp());
    }

    public void OnClosed(CloseReason reason)
    {
        if (IsWanted() && _state == State.Shown && _tcp is not null)
            PutSegment(isToHost: true, Segment.Finish | Segment.Acknowledge, Stopwatch.GetTimestamp(), FrameNote.Closed, (short)reason);
        End();
    }

    /// <summary>Looks whether the connection is wanted before it says anything more, so that the beginning of one that says nothing is
    /// there.</summary>
    public void Begin()
    {
        if (connection.IsOpen)
            IsWanted();
        else
            End();
    }

    // The end points of a connection that is just being made are known when its first bytes come, not before.
    private bool IsWanted()
    {
        if (session.IsOver)
            End();
        else if (_state == State.Fresh)
            Decide();
        return _state is State.Undecided or State.Shown;
    }

    private void Decide()
    {
        if (!_request.MatchesAddress(connection.RemoteEndPoint?.Address))
        {
            End();
            return;
        }
        if (connection.Identity is not { } identity)
        {
            _state = _request.NeedsConnect ? State.Undecided : State.Shown;
            return;
        }
        if (Decide(identity.HostNqn, identity.SubsystemNqn, identity.QueueId))
            MakeUpStart(identity, isConnected: true);
    }

    private bool Decide(Nqn? host, Nqn? subsystem, int queueId)
    {
        if (_request.Matches(host, subsystem, queueId))
            _state = State.Shown;
        else
            End();
        return _state == State.Shown;
    }

    private bool DecideByConnect()
    {
        ReadOnlySpan<byte> data = _pending.AsSpan(_pendingHeader, ConnectCommandData.Size);
        Nqn.TryReadField(data.Slice(ConnectCommandData.SubsystemNqnOffset, Nqn.FieldBytes), out Nqn? subsystem);
        Nqn.TryReadField(data.Slice(ConnectCommandData.HostNqnOffset, Nqn.FieldBytes), out Nqn? host);
        return Decide(host, subsystem, BinaryPrimitives.ReadUInt16LittleEndian(_pending.AsSpan(QueueIdOffset)));
    }

    private void End()
    {
        if (_state == State.Over)
            return;
        _state = State.Over;
        _pendingMissing = 0;
        connection.RemoveTap(this);
        session.Forget(connection);
    }

    /// <summary>Whether a PDU of the host's is selected, and how much of its data is kept.</summary>
    private int MostDataBytes(PduType type, ReadOnlySpan<byte> header, out bool isSelected)
    {
        isSelected = true;
        switch (type)
        {
            case PduType.CapsuleCmd:
                ref readonly SubmissionEntry entry = ref WireStruct.Read<CommandCapsule>(header).Entry;
                isSelected = _request.Commands.Contains(entry, connection.IsAdmin);
                return IsConnect(type, header) ? ConnectCommandData.Size + DigestBytes : IsSecret(entry) ? 0 : _request.DataBytes;
            case PduType.H2CData:
                // A tag that nobody owns is about to be refused.
                CommandSlot? slot = connection.FindByTransferTag(WireStruct.Read<DataTransfer>(header).TransferTag);
                isSelected = slot is null || _request.Commands.Contains(slot.Entry, connection.IsAdmin);
                return slot is null || IsSecret(slot.Entry) ? 0 : _request.DataBytes;
            default:
                return TerminateConnection.MaxData;
        }
    }

    // What authenticates hosts is in no trace.
    private bool IsSecret(in SubmissionEntry entry) => entry.IsFabrics
        ? entry.FabricsType is FabricsSend or FabricsReceive
        : connection.IsAdmin && entry.Opcode is SecuritySend or SecurityReceive;

    private static bool IsConnect(PduType type, ReadOnlySpan<byte> header) =>
        type == PduType.CapsuleCmd
        && header[EntryOffset] == SubmissionEntry.FabricsOpcode && header[EntryOffset + 4] == FabricsCommandType.Connect;

    private void ShowPending()
    {
        if (session.IsOver)
            return;
        if (_state == State.Undecided)
        {
            // One whose data comes apart from it is decided about when it succeeds.
            if (_pendingOriginal - _pendingHeader < ConnectCommandData.Size || !DecideByConnect())
                return;
            if (_initializeRequest is not null)
                PutUncounted(_initializeRequest, isToHost: false, _requestedAt);
            if (_initializeResponse is not null)
                PutUncounted(_initializeResponse, isToHost: true, _respondedAt);
            session.Ring?.CountSeen();
        }
        Put(_pending.AsSpan(0, _pendingBytes), isToHost: false, _pendingOriginal);
    }

    private void MakeUpStart(QueueIdentity identity, bool isConnected)
    {
        bool isFlowControlled = connection.IsFlowControlled;
        PutMadeUp(MadeUpStart.Initialize(PduType.ICReq, connection.Parameters, 0), isToHost: false);
        PutMadeUp(MadeUpStart.Initialize(PduType.ICResp, connection.Parameters, (uint)connection.Limits.MaxH2CDataBytes), isToHost: true);
        PutMadeUp(MadeUpStart.Connect(identity, isFlowControlled), isToHost: false);
        if (isConnected)
            PutMadeUp(MadeUpStart.Connected(identity, isFlowControlled), isToHost: true);
    }

    private void PutMadeUp(byte[] pdu, bool isToHost) => PutUncounted(pdu, isToHost, Stopwatch.GetTimestamp(), FrameNote.MadeUp);

    private void Put(ReadOnlySpan<byte> captured, bool isToHost, int original, FrameNote note = FrameNote.None) =>
        Put(captured, isToHost, original, Stopwatch.GetTimestamp(), note);

    private void PutUncounted(byte[] pdu, bool isToHost, long timestamp, FrameNote note = FrameNote.None)
    {
        session.Ring?.CountSeen();
        Put(pdu, isToHost, pdu.Length, timestamp, note);
    }

    private void Put(ReadOnlySpan<byte> captured, bool isToHost, int original, long timestamp, FrameNote note)
    {
        FrameRing? ring = session.Ring;
        if (!TryBegin(ring, isToHost, Segment.Push | Segment.Acknowledge, captured.Length, original, out Span<byte> room, timestamp))
            return;
        captured.CopyTo(room);
        Commit(ring!, isToHost, captured.Length, original, timestamp, note);
    }

    private void PutSegment(bool isToHost, Segment kind, long timestamp, FrameNote note = FrameNote.None, short reason = 0)
    {
        FrameRing? ring = session.Ring;
        ring?.CountSeen();
        if (TryBegin(ring, isToHost, kind, 0, 0, out _, timestamp))
            Commit(ring!, isToHost, 0, 0, timestamp, note, reason, kind);
    }

    private bool TryBegin(
        FrameRing? ring, bool isToHost, Segment kind, int captured, int original, out Span<byte> room, long timestamp = 0)
    {
        if (_tcp is null)
            Open(timestamp == 0 ? Stopwatch.GetTimestamp() : timestamp);
        int headerBytes = _tcp!.HeaderBytes(kind, original);
        if (ring is null || !ring.TryBegin(headerBytes + captured, out Span<byte> frame))
        {
            _tcp.Skip(isToHost, original);
            room = default;
            return false;
        }
        _tcp.Write(frame, isToHost, kind, original);
        room = frame[headerBytes..];
        return true;
    }

    private void Commit(
        FrameRing ring, bool isToHost, int captured, int original, long timestamp, FrameNote note = FrameNote.None, short reason = 0,
        Segment kind = Segment.Push | Segment.Acknowledge)
    {
        int headerBytes = _tcp!.HeaderBytes(kind, original);
        ring.Commit(new FrameHeader
        {
            CapturedBytes = headerBytes + captured,
            OriginalBytes = headerBytes + original,
            Timestamp = timestamp,
            IsToHost = isToHost,
            Note = note,
            Reason = reason,
        });
    }

    // A hand-shake of TCP, so that a port which is used again is another connection to a reader.
    private void Open(long timestamp)
    {
        IPEndPoint own = connection.LocalEndPoint ?? new IPEndPoint(IPAddress.Loopback, 4420);
        IPEndPoint host = connection.RemoteEndPoint ?? new IPEndPoint(
            IPAddress.Loopback, Interlocked.Increment(ref _lastPort) & ushort.MaxValue);
        _tcp = new SyntheticTcp(host, own);
        PutSegment(isToHost: false, Segment.Synchronize, timestamp);
        PutSegment(isToHost: true, Segment.Synchronize | Segment.Acknowledge, timestamp);
    }
}
