using System.Net;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Receiving;
using ManagedNvmet.Protocol.Sending;
using ManagedNvmet.Protocol.Slots;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Controller;

/// <summary>The controller's end of an NVMe/TCP connection: one queue pair. A function of bytes and time.</summary>
/// <remarks>Belongs to one thread, that of its transport.</remarks>
public sealed class ControllerConnection : IMovableConnection, IPduConsumer, ICommandOwner
{
    // The data of one H2CData PDU is bounded by DATAL, which has an error of its own; this only keeps PLEN inside an int.
    private const int MaxH2CDataPduBytes = 1 << 30;

    private readonly IConnectionTransport _transport;
    private readonly ICommandHandler _handler;
    private readonly PduReceiver _receiver;
    private readonly ControllerTransmitter _transmitter;
    private readonly CommandFlow _commands;

    private ConnectionState _state = ConnectionState.AwaitICReq;
    private long _deadline;
    private byte[]? _stash;
    private IPduTap? _tap;

    /// <param name="transport">Carries the bytes.</param>
    /// <param name="buffers">Data buffers of the same thread.</param>
    /// <param name="limits">The limits in force.</param>
    /// <param name="createHandler">Makes the queue pair above this connection.</param>
    /// <param name="now">The transport's clock, in milliseconds.</param>
    public ControllerConnection(
        IConnectionTransport transport,
        IDataBuffers buffers,
        ConnectionLimits limits,
        Func<ControllerConnection, ICommandHandler> createHandler,
        long now)
    {
        _transport = transport;
        Limits = limits;
        _receiver = new PduReceiver(this, fromHost: true);
        _commands = new CommandFlow(this, _receiver, transport, buffers);
        _transmitter = _commands.Transmitter;
        _deadline = now + limits.HandshakeMilliseconds;
        _handler = createHandler(this);
        _commands.Handler = _handler;
    }

    /// <summary>The thread that owns this connection.</summary>
    public IConnectionScheduler Scheduler => _transport;

    /// <summary>The limits in force.</summary>
    public ConnectionLimits Limits { get; }

    /// <summary>Where the host reached us, if it came over a network.</summary>
    public IPEndPoint? LocalEndPoint { get; init; }

    /// <summary>Where the host is, if it came over a network.</summary>
    public IPEndPoint? RemoteEndPoint { get; init; }

    /// <summary>True until the connection is over.</summary>
    public bool IsOpen => _state < ConnectionState.Terminating;

    /// <summary>Why the connection is over; None while it is open.</summary>
    public CloseReason CloseReason { get; private set; }

    /// <summary>How the peer broke the protocol, if it did; or what it said in a Terminate Connection Request.</summary>
    public PduError Error { get; private set; }

    /// <summary>The transport closes now: nothing more is to be sent or heard.</summary>
    public bool IsFinished => _state == ConnectionState.Closed;

    /// <summary>The transport reads on. False while a command's data has no room, at rest, and after the end.</summary>
    public bool WantsReceive => !_receiver.IsBlocked && _state != ConnectionState.Closed && (!_commands.IsPaused || ReceiveLimit > 0);

    /// <summary>There is something to send.</summary>
    public bool WantsTransmit => !_transmitter.IsEmpty;

    /// <summary>When <see cref="OnTimer"/> wants to be called, in milliseconds of the clock; <see cref="long.MaxValue"/> for never.</summary>
    public long Deadline => IsOpen ? Math.Min(_deadline, _handler.Deadline) : _deadline;

    /// <summary>When the round that last called <see cref="Received"/> found its work, in ticks of <see cref="System.Diagnostics.Stopwatch"/>:
    /// that is when the newest commands came.</summary>
    public long ReceivedAt { get; private set; }

    /// <summary>Commands that have a slot.</summary>
    public int OutstandingCommands => _commands.Outstanding;

    /// <summary>What ICReq and ICResp agreed on.</summary>
    public ConnectionParameters Parameters => _transmitter.Parameters;

    /// <summary>What the connection became with its Connect; null before, and for a handler that does not say.</summary>
    public QueueIdentity? Identity => _handler.Identity;

    /// <summary>The submission queue is flow controlled: SQHD counts.</summary>
    public bool IsFlowControlled => _commands.IsFlowControlled;

    /// <inheritdoc/>
    public bool IsPaused => _commands.IsPaused;

    /// <inheritdoc/>
    public bool IsQuiet => IsPaused && _state == ConnectionState.Live && _transmitter.IsEmpty && !_receiver.IsBlocked && _commands.IsQuiet;

    /// <inheritdoc/>
    public int ReceiveLimit => _commands.ReceiveLimit;

    /// <inheritdoc/>
    public long CommandCount => _commands.Count;

    /// <summary>Room into which the next bytes of a large data PDU may be received directly, or empty.</summary>
    public Memory<byte> DirectReceive => _receiver.IsBlocked ? default : _receiver.Direct;

    /// <inheritdoc/>
    public int MissingBytes => _receiver.LeftOfPdu;

    /// <summary>Says that bytes were received into the front of <see cref="DirectReceive"/>.</summary>
    public void ReceivedDirect(int count) => _receiver.ReceivedDirect(count);

    /// <summary>Takes bytes from the peer, all of them.</summary>
    public void Received(ReadOnlyMemory<byte> bytes)
    {
        ReceivedAt = _transport.RoundTicks;
        int taken = _receiver.Receive(bytes);

        // Out of buffers: what was read too far waits here, bounded by the size of one receive, and nothing more is read.
        if (taken < bytes.Length)
            _stash = _stash is null ? bytes[taken..].ToArray() : [.. _stash, .. bytes.Span[taken..]];
    }

    /// <summary>Fills the batch with what is to be sent.</summary>
    public void FillTransmit(TransmitBatch batch)
    {
        _handler.OnSending();
        _transmitter.Fill(batch);
    }

    /// <summary>Says that the first <paramref name="count"/> bytes of the last batch were sent.</summary>
    public void Transmitted(long count)
    {
        _transmitter.Transmitted(count);
        if (_state == ConnectionState.Draining && _transmitter.IsEmpty)
            Close(CloseReason);
    }

    /// <summary>The peer has closed or reset the connection, or the network lost it.</summary>
    public void PeerClosed() => Close(CloseReason.PeerClosed);

    /// <summary><see cref="Deadline"/> may have passed.</summary>
    public void OnTimer(long now)
    {
        if (now >= _deadline)
        {
            Close(_state is ConnectionState.Terminating or ConnectionState.Draining ? CloseReason : CloseReason.HandshakeTimeout);
            return;
        }
        if (IsOpen && now >= _handler.Deadline)
            _handler.OnTimer(now);
    }

    /// <summary>Called while a Connect command is executed that is about to succeed: from now on this is a queue.</summary>
    /// <param name="isAdmin">QID 0.</param>
    /// <param name="entries">SQSIZE + 1: how many commands the host may have outstanding, 2 to 65536.</param>
    /// <param name="isFlowControlled">False when the host asked to do without SQ flow control and the target agrees: then SQHD is
    /// FFFFh in the Connect response and reserved later, and the SUCCESS flag is used.</param>
    public void Establish(bool isAdmin, int entries, bool isFlowControlled)
    {
        // The connection may have ended while Connect was executed.
        if (!IsOpen)
            return;
        IsAdmin = isAdmin;
        _commands.Establish(entries, isFlowControlled);
        _receiver.ForgetLayouts();
        _deadline = long.MaxValue;
        _state = ConnectionState.Live;
    }

    /// <summary>True until Connect, and on the admin queue after it.</summary>
    public bool IsAdmin { get; private set; } = true;

    /// <summary>Ends the connection: no response is sent any more; commands in execution come to their end unheard.</summary>
    public void Close(CloseReason reason)
    {
        if (_state == ConnectionState.Closed)
            return;
        bool wasOpen = IsOpen;
        _state = ConnectionState.Closed;
        _tap?.OnClosed(wasOpen ? reason : CloseReason);
        _deadline = long.MaxValue;
        _transmitter.Clear();
        ReleaseEverythingNotExecuting();
        _transport.Wake();
        if (wasOpen)
            End(reason);
    }

    /// <summary>Ends the connection after what is queued has been sent, or after a second.</summary>
    public void CloseAfterSending(CloseReason reason)
    {
        if (!IsOpen)
            return;
        if (_transmitter.IsEmpty)
        {
            Close(reason);
            return;
        }
        _state = ConnectionState.Draining;
        _deadline = _transport.Now + 1000;
        ReleaseEverythingNotExecuting();
        _transport.Wake();
        End(reason);
    }

    /// <summary>Says that <see cref="ICommandHandler.Deadline"/> has moved forward.</summary>
    public void DeadlineChanged() => _transport.Wake();

    /// <summary>The slot of a command that is outstanding on this queue, or null.</summary>
    public CommandSlot? Find(ushort commandId) => _commands.Find(commandId);

    /// <inheritdoc/>
    public bool TryPause()
    {
        // Before Connect there is little to gain, and after the end nothing.
        if (_state != ConnectionState.Live || IsPaused)
            return false;
        _commands.Pause();
        _transport.Wake();
        return true;
    }

    /// <inheritdoc/>
    public void Resume(IDataBuffers buffers)
    {
        _commands.Resume(buffers);
        _transport.Wake();
    }

    /// <summary>Shows a tap every PDU from now on. On the connection's thread.</summary>
    public void AddTap(IPduTap added) => SetTap(TapFan.With(_tap, added));

    /// <summary>Shows a tap nothing any more; it may be its own call that comes here. On the connection's thread.</summary>
    public void RemoveTap(IPduTap removed) => SetTap(TapFan.Without(_tap, removed));

    /// <summary>The command that is outstanding under a transfer tag, or null. On the connection's thread.</summary>
    public CommandSlot? FindByTransferTag(ushort transferTag) =>
        _commands.At(transferTag) is { State: not SlotState.Free } slot ? slot : null;

    /// <summary>The command whose data was next has its buffer: takes what was read too far, and reads on.</summary>
    void ICommandOwner.ResumeReceiving()
    {
        _receiver.Unblock();
        byte[]? waiting = _stash;
        _stash = null;
        if (waiting is not null)
            Received(waiting);
        _transport.Wake();
    }

    PduError IPduConsumer.OnCommonHeader(in CommonHeader header, out bool isExpected, out int maxDataBytes)
    {
        maxDataBytes = header.Type == PduType.H2CData ? MaxH2CDataPduBytes
            : IsAdmin ? ConnectionLimits.AdminInCapsuleBytes
            : Math.Max(ConnectionLimits.AdminInCapsuleBytes, Limits.IoInCapsuleBytes);
        isExpected = header.Type switch
        {
            PduType.ICReq => _state == ConnectionState.AwaitICReq,
            PduType.H2CTermReq => true,
            _ => _state != ConnectionState.AwaitICReq,
        };
        return PduError.None;
    }

    PduError IPduConsumer.OnHeader(in CommonHeader common, ReadOnlySpan<byte> header, int dataBytes) => common.Type switch
    {
        PduType.ICReq => OnInitialize(WireStruct.Read<InitializeConnection>(header)),
        PduType.CapsuleCmd => _commands.OnCapsule(WireStruct.Read<CommandCapsule>(header), dataBytes),
        PduType.H2CData => _commands.OnHostData(WireStruct.Read<DataTransfer>(header), dataBytes),
        _ => OnHostTermination(WireStruct.Read<TerminateConnection>(header)),
    };

    void IPduConsumer.OnDataEnd(bool digestMatches) => _commands.OnDataEnd(digestMatches);

    void IPduConsumer.OnFatal(PduError error, ReadOnlySpan<byte> header)
    {
        Error = error;
        if (header[0] == (byte)PduType.H2CTermReq)
        {
            // A malformed farewell is a farewell; an answer to it could go on for ever.
            Close(CloseReason.PeerTerminated);
            return;
        }
        _state = ConnectionState.Terminating;
        _deadline = _transport.Now + Limits.TerminationMilliseconds;
        _transmitter.SendTermination(Handshake.Terminate(PduType.C2HTermReq, error, header));
        ReleaseEverythingNotExecuting();
        _transport.Wake();
        End(CloseReason.ProtocolError);
    }

    private PduError OnInitialize(in InitializeConnection request)
    {
        PduError error = Handshake.Check(request);
        if (!error.IsNone)
            return error;
        ConnectionParameters parameters = Handshake.Agree(request);
        _receiver.Parameters = parameters;
        _transmitter.Parameters = parameters;
        _state = ConnectionState.AwaitConnect;
        _deadline = _transport.Now + Limits.HandshakeMilliseconds;

        // CPDA 0: hosts exist that refuse any other. What was asked for of digests is what is done.
        _transmitter.SendInitialization(Handshake.Initialize(
            PduType.ICResp, parameters.HeaderDigest, parameters.DataDigest, dataAlignment: 0, (uint)Limits.MaxH2CDataBytes));
        _transport.Wake();
        return PduError.None;
    }

    private PduError OnHostTermination(in TerminateConnection request)
    {
        Error = Handshake.ErrorOf(request);
        _receiver.Stop();
        Close(CloseReason.PeerTerminated);
        return PduError.None;
    }

    private void SetTap(IPduTap? changed)
    {
        _tap = changed;
        _receiver.Tap = changed;
        _transmitter.Tap = changed;
    }

    private void ReleaseEverythingNotExecuting()
    {
        _receiver.Stop();
        _receiver.Unblock();
        _stash = null;
        _commands.ReleaseEverythingNotExecuting();
    }

    private void End(CloseReason reason)
    {
        CloseReason = reason;
        _handler.OnClosed(reason);
    }
}
