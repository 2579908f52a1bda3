using System.Net;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Connection;

/// <summary>The controller's end of an NVMe/TCP connection: one queue pair. A function of bytes and time.</summary>
/// <remarks>Belongs to one thread, that of its transport.</remarks>
public sealed partial class ControllerConnection : IPduConsumer
{
    // The data of one H2CData PDU is bounded by DATAL, which has an error of its own; this only keeps PLEN inside an int.
    private const int MaxH2CDataPduBytes = 1 << 30;

    private readonly IConnectionTransport transport;
    private readonly ICommandHandler handler;
    private readonly PduReceiver receiver;
    private readonly ControllerTransmitter transmitter;
    private readonly CommandFlow commands;

    private ConnectionState state = ConnectionState.AwaitICReq;
    private long deadline;
    private byte[]? stash;

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
        this.transport = transport;
        Limits = limits;
        receiver = new PduReceiver(this, fromHost: true);
        commands = new CommandFlow(this, receiver, transport, buffers);
        transmitter = commands.Transmitter;
        deadline = now + limits.HandshakeMilliseconds;
        handler = createHandler(this);
        commands.Handler = handler;
    }

    /// <summary>The thread that owns this connection.</summary>
    public IConnectionScheduler Scheduler => transport;

    /// <summary>The limits in force.</summary>
    public ConnectionLimits Limits { get; }

    /// <summary>Where the host reached us, if it came over a network.</summary>
    public IPEndPoint? LocalEndPoint { get; init; }

    /// <summary>Where the host is, if it came over a network.</summary>
    public IPEndPoint? RemoteEndPoint { get; init; }

    /// <summary>True until the connection is over.</summary>
    public bool IsOpen => state < ConnectionState.Terminating;

    /// <summary>Why the connection is over; None while it is open.</summary>
    public CloseReason CloseReason { get; private set; }

    /// <summary>How the peer broke the protocol, if it did; or what it said in a Terminate Connection Request.</summary>
    public PduError Error { get; private set; }

    /// <summary>The transport closes now: nothing more is to be sent or heard.</summary>
    public bool IsFinished => state == ConnectionState.Closed;

    /// <summary>The transport reads on. False while a command's data has no room, at rest, and after the end.</summary>
    public bool WantsReceive => !receiver.IsBlocked && state != ConnectionState.Closed && (!commands.IsPaused || ReceiveLimit > 0);

    /// <summary>There is something to send.</summary>
    public bool WantsTransmit => !transmitter.IsEmpty;

    /// <summary>When <see cref="OnTimer"/> wants to be called, in milliseconds of the clock; <see cref="long.MaxValue"/> for never.</summary>
    public long Deadline => IsOpen ? Math.Min(deadline, handler.Deadline) : deadline;

    /// <summary>When the round that last called <see cref="Received"/> found its work, in ticks of <see cref="System.Diagnostics.Stopwatch"/>:
    /// that is when the newest commands came.</summary>
    public long ReceivedAt { get; private set; }

    /// <summary>Commands that have a slot.</summary>
    public int OutstandingCommands => commands.Outstanding;

    /// <summary>The commands of this connection.</summary>
    internal CommandFlow Commands => commands;

    /// <summary>Room into which the next bytes of a large data PDU may be received directly, or empty.</summary>
    public Memory<byte> DirectReceive => receiver.IsBlocked ? default : receiver.Direct;

    /// <inheritdoc/>
    public long PduCount => receiver.PduCount;

    /// <inheritdoc/>
    public int DirectUnit => receiver.DirectUnit;

    /// <summary>Says that bytes were received into the front of <see cref="DirectReceive"/>.</summary>
    public void ReceivedDirect(int count) => receiver.ReceivedDirect(count);

    /// <summary>Takes bytes from the peer, all of them.</summary>
    public void Received(ReadOnlyMemory<byte> bytes)
    {
        ReceivedAt = transport.RoundTicks;
        int taken = receiver.Receive(bytes);

        // Out of buffers: what was read too far waits here, bounded by the size of one receive, and nothing more is read.
        if (taken < bytes.Length)
            stash = stash is null ? bytes[taken..].ToArray() : [.. stash, .. bytes.Span[taken..]];
    }

    /// <summary>Fills the batch with what is to be sent.</summary>
    public void FillTransmit(TransmitBatch batch)
    {
        handler.OnSending();
        transmitter.Fill(batch);
    }

    /// <summary>Says that the first <paramref name="count"/> bytes of the last batch were sent.</summary>
    public void Transmitted(long count)
    {
        transmitter.Transmitted(count);
        if (state == ConnectionState.Draining && transmitter.IsEmpty)
            Close(CloseReason);
    }

    /// <summary>The peer has closed or reset the connection, or the network lost it.</summary>
    public void PeerClosed() => Close(CloseReason.PeerClosed);

    /// <summary><see cref="Deadline"/> may have passed.</summary>
    public void OnTimer(long now)
    {
        if (now >= deadline)
        {
            Close(state is ConnectionState.Terminating or ConnectionState.Draining ? CloseReason : CloseReason.HandshakeTimeout);
            return;
        }
        if (IsOpen && now >= handler.Deadline)
            handler.OnTimer(now);
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
        commands.Establish(entries, isFlowControlled);
        receiver.ForgetLayouts();
        deadline = long.MaxValue;
        state = ConnectionState.Live;
    }

    /// <summary>True until Connect, and on the admin queue after it.</summary>
    public bool IsAdmin { get; private set; } = true;

    /// <summary>Ends the connection: no response is sent any more; commands in execution come to their end unheard.</summary>
    public void Close(CloseReason reason)
    {
        if (state == ConnectionState.Closed)
            return;
        bool wasOpen = IsOpen;
        state = ConnectionState.Closed;
        tap?.OnClosed(wasOpen ? reason : CloseReason);
        deadline = long.MaxValue;
        transmitter.Clear();
        ReleaseEverythingNotExecuting();
        transport.Wake();
        if (wasOpen)
            End(reason);
    }

    /// <summary>Ends the connection after what is queued has been sent, or after a second.</summary>
    public void CloseAfterSending(CloseReason reason)
    {
        if (!IsOpen)
            return;
        if (transmitter.IsEmpty)
        {
            Close(reason);
            return;
        }
        state = ConnectionState.Draining;
        deadline = transport.Now + 1000;
        ReleaseEverythingNotExecuting();
        transport.Wake();
        End(reason);
    }

    /// <summary>Says that <see cref="ICommandHandler.Deadline"/> has moved forward.</summary>
    public void DeadlineChanged() => transport.Wake();

    /// <summary>The slot of a command that is outstanding on this queue, or null.</summary>
    public CommandSlot? Find(ushort commandId) => commands.Find(commandId);

    /// <summary>The command whose data was next has its buffer: takes what was read too far, and reads on.</summary>
    internal void ResumeReceiving()
    {
        receiver.Unblock();
        byte[]? waiting = stash;
        stash = null;
        if (waiting is not null)
            Received(waiting);
        transport.Wake();
    }

    PduError IPduConsumer.OnCommonHeader(in CommonHeader header, out bool isExpected, out int maxDataBytes)
    {
        maxDataBytes = header.Type == PduType.H2CData ? MaxH2CDataPduBytes
            : IsAdmin ? ConnectionLimits.AdminInCapsuleBytes
            : Math.Max(ConnectionLimits.AdminInCapsuleBytes, Limits.IoInCapsuleBytes);
        isExpected = header.Type switch
        {
            PduType.ICReq => state == ConnectionState.AwaitICReq,
            PduType.H2CTermReq => true,
            _ => state != ConnectionState.AwaitICReq,
        };
        return PduError.None;
    }

    PduError IPduConsumer.OnHeader(in CommonHeader common, ReadOnlySpan<byte> header, int dataBytes) => common.Type switch
    {
        PduType.ICReq => OnInitialize(WireStruct.Read<InitializeConnection>(header)),
        PduType.CapsuleCmd => commands.OnCapsule(WireStruct.Read<CommandCapsule>(header), dataBytes),
        PduType.H2CData => commands.OnHostData(WireStruct.Read<DataTransfer>(header), dataBytes),
        _ => OnHostTermination(WireStruct.Read<TerminateConnection>(header)),
    };

    void IPduConsumer.OnDataEnd(bool digestMatches) => commands.OnDataEnd(digestMatches);

    void IPduConsumer.OnFatal(PduError error, ReadOnlySpan<byte> header)
    {
        Error = error;
        if (header[0] == (byte)PduType.H2CTermReq)
        {
            // A malformed farewell is a farewell; an answer to it could go on for ever.
            Close(CloseReason.PeerTerminated);
            return;
        }
        state = ConnectionState.Terminating;
        deadline = transport.Now + Limits.TerminationMilliseconds;
        transmitter.SendTermination(Handshake.Terminate(PduType.C2HTermReq, error, header));
        ReleaseEverythingNotExecuting();
        transport.Wake();
        End(CloseReason.ProtocolError);
    }

    private PduError OnInitialize(in InitializeConnection request)
    {
        PduError error = Handshake.Check(request);
        if (!error.IsNone)
            return error;
        ConnectionParameters parameters = Handshake.Agree(request);
        receiver.Parameters = parameters;
        transmitter.Parameters = parameters;
        state = ConnectionState.AwaitConnect;
        deadline = transport.Now + Limits.HandshakeMilliseconds;

        // CPDA 0: hosts exist that refuse any other. What was asked for of digests is what is done.
        transmitter.SendInitialization(Handshake.Initialize(
            PduType.ICResp, parameters.HeaderDigest, parameters.DataDigest, dataAlignment: 0, (uint)Limits.MaxH2CDataBytes));
        transport.Wake();
        return PduError.None;
    }

    private PduError OnHostTermination(in TerminateConnection request)
    {
        Error = Handshake.ErrorOf(request);
        receiver.Stop();
        Close(CloseReason.PeerTerminated);
        return PduError.None;
    }

    private void ReleaseEverythingNotExecuting()
    {
        receiver.Stop();
        receiver.Unblock();
        stash = null;
        commands.ReleaseEverythingNotExecuting();
    }

    private void End(CloseReason reason)
    {
        CloseReason = reason;
        handler.OnClosed(reason);
    }
}
