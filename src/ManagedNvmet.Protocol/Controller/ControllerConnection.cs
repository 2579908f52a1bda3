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
    // DATAL bounds the data of an H2CData PDU and has its own error; this limit only keeps PLEN inside an int.
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

    /// <summary>Local address, for a network connection.</summary>
    public IPEndPoint? LocalEndPoint { get; init; }

    /// <summary>Address of the host, for a network connection.</summary>
    public IPEndPoint? RemoteEndPoint { get; init; }

    /// <summary>True until the connection is over.</summary>
    public bool IsOpen => _state < ConnectionState.Terminating;

    /// <summary>Why the connection is over; None while it is open.</summary>
    public CloseReason CloseReason { get; private set; }

    /// <summary>The protocol error of the peer, or the error that its Terminate Connection Request reported.</summary>
    public PduError Error { get; private set; }

    /// <summary>True when the transport should close: nothing more will be sent or received.</summary>
    public bool IsFinished => _state == ConnectionState.Closed;

    /// <summary>True while the transport should receive. False while the next data has no buffer, while paused, and after the
    /// end.</summary>
    public bool WantsReceive => !_receiver.IsBlocked && _state != ConnectionState.Closed && (!_commands.IsPaused || ReceiveLimit > 0);

    /// <summary>True when there is something to send.</summary>
    public bool WantsTransmit => !_transmitter.IsEmpty;

    /// <summary>When the transport should call <see cref="OnTimer"/>, in milliseconds of its clock; <see cref="long.MaxValue"/> for
    /// never.</summary>
    public long Deadline => IsOpen ? Math.Min(_deadline, _handler.Deadline) : _deadline;

    /// <summary>Start of the round that last called <see cref="Received"/>, in ticks of <see cref="System.Diagnostics.Stopwatch"/>: the
    /// arrival time of the newest commands.</summary>
    public long ReceivedAt { get; private set; }

    /// <summary>Commands that have a slot.</summary>
    public int OutstandingCommands => _commands.Outstanding;

    /// <summary>Parameters that ICReq and ICResp agreed on.</summary>
    public ConnectionParameters Parameters => _transmitter.Parameters;

    /// <summary>Host, controller and queue, from Connect; null before, and for a handler that does not provide them.</summary>
    public QueueIdentity? Identity => _handler.Identity;

    /// <summary>The submission queue is flow controlled: SQHD is valid.</summary>
    public bool IsFlowControlled => _commands.IsFlowControlled;

    /// <inheritdoc/>
    public bool IsPaused => _commands.IsPaused;

    /// <inheritdoc/>
    public bool IsQuiet => IsPaused && _state == ConnectionState.Live && _transmitter.IsEmpty && !_receiver.IsBlocked && _commands.IsQuiet;

    /// <inheritdoc/>
    public int ReceiveLimit => _commands.ReceiveLimit;

    /// <inheritdoc/>
    public long CommandCount => _commands.Count;

    /// <summary>Memory into which the next bytes of a large data PDU may be received directly, or empty.</summary>
    public Memory<byte> DirectReceive => _receiver.IsBlocked ? default : _receiver.Direct;

    /// <inheritdoc/>
    public int MissingBytes => _receiver.LeftOfPdu;

    /// <summary>Reports bytes that were received into the front of <see cref="DirectReceive"/>.</summary>
    public void ReceivedDirect(int count) => _receiver.ReceivedDirect(count);

    /// <summary>Takes all of these received bytes.</summary>
    public void Received(ReadOnlyMemory<byte> bytes)
    {
        ReceivedAt = _transport.RoundTicks;
        int taken = _receiver.Receive(bytes);

        // No buffer for the next data: the rest of this receive is kept here, and nothing more is received.
        if (taken < bytes.Length)
            _stash = _stash is null ? bytes[taken..].ToArray() : [.. _stash, .. bytes.Span[taken..]];
    }

    /// <summary>Fills the batch with the next output.</summary>
    public void FillTransmit(TransmitBatch batch)
    {
        _handler.OnSending();
        _transmitter.Fill(batch);
    }

    /// <summary>Reports that the first <paramref name="count"/> bytes of the last batch were sent.</summary>
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

    /// <summary>Turns the connection into a queue. Called by a Connect command that is about to succeed.</summary>
    /// <param name="isAdmin">QID 0.</param>
    /// <param name="entries">SQSIZE + 1: how many commands the host may have outstanding, 2 to 65536.</param>
    /// <param name="isFlowControlled">False when the host disabled SQ flow control and the target agrees. SQHD is then FFFFh in the Connect
    /// response and reserved later, and the SUCCESS flag is used.</param>
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

    /// <summary>Ends the connection: no response is sent any more; commands in execution end without a response.</summary>
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

    /// <summary>Ends the connection when the queued output is sent, at the latest after a second.</summary>
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

    /// <summary>Tells the transport that <see cref="ICommandHandler.Deadline"/> is earlier now.</summary>
    public void DeadlineChanged() => _transport.Wake();

    /// <summary>The slot of a command that is outstanding on this queue, or null.</summary>
    public CommandSlot? Find(ushort commandId) => _commands.Find(commandId);

    /// <inheritdoc/>
    public bool TryPause()
    {
        // A connection before Connect or after its end is not moved.
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

    /// <summary>Adds a tap, which sees every PDU from now on. On the connection's thread.</summary>
    public void AddTap(IPduTap added) => SetTap(TapFan.With(_tap, added));

    /// <summary>Removes a tap. A tap may call this for itself. On the connection's thread.</summary>
    public void RemoveTap(IPduTap removed) => SetTap(TapFan.Without(_tap, removed));

    /// <summary>The command that is outstanding under a transfer tag, or null. On the connection's thread.</summary>
    public CommandSlot? FindByTransferTag(ushort transferTag) =>
        _commands.At(transferTag) is { State: not SlotState.Free } slot ? slot : null;

    /// <summary>Receives again when the next data has its buffer: processes the kept bytes first.</summary>
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
            // A malformed Terminate Connection Request is not answered with another one, which could go on for ever.
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

        // CPDA is 0, because some hosts refuse any other value. The digests are those that the host asked for.
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
