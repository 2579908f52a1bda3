using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Receiving;
using ManagedNvmet.Protocol.Sending;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Host;

/// <summary>The host's end of an NVMe/TCP connection: one queue pair. A function of bytes and time, built from the same parts as the
/// controller's end.</summary>
/// <remarks>Belongs to one thread, that of its transport.</remarks>
public sealed class HostConnection : IByteConnection, IPduConsumer
{
    // Time for the controller to read the Terminate Connection Request, in milliseconds.
    private const int FarewellMilliseconds = 1000;

    private static readonly NvmeStatus InternalPathError = new(3 << 9);

    private readonly IConnectionTransport _transport;
    private readonly PduReceiver _receiver;
    private readonly HostTransmitter _transmitter = new();
    private readonly HostCommand?[] _commands;
    private readonly ushort[] _generations;
    private readonly int[] _free;
    private readonly int _slotBits;
    private readonly HostConnectionOptions _options;
    private int _freeCount;
    private HostCommand? _receiving;

    // Completed commands with a partly sent PDU: the rest of the PDU is still sent from the command's memory.
    private HostCommand? _answeredEarly;
    private bool _receivedSuccess;
    private bool _isReady;
    private bool _isOver;
    private long _deadline;

    /// <summary>Queues the ICReq; <see cref="OnReady"/> is called when the ICResp has arrived.</summary>
    public HostConnection(IConnectionTransport transport, HostConnectionOptions options, long now)
    {
        _transport = transport;
        _options = options;
        _receiver = new PduReceiver(this, fromHost: false);
        InCapsuleBytes = options.InCapsuleBytes;
        _commands = new HostCommand?[options.QueueDepth];
        _generations = new ushort[options.QueueDepth];
        _free = new int[options.QueueDepth];
        for (int index = options.QueueDepth - 1; index >= 0; index--)
            _free[_freeCount++] = index;
        _slotBits = 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)Math.Max(1, options.QueueDepth - 1));
        _deadline = now + options.HandshakeMilliseconds;

        _transmitter.SendWhole(Handshake.Initialize(
            PduType.ICReq, options.HeaderDigest, options.DataDigest, options.DataAlignment, limit: 0));
        transport.Wake();
    }

    /// <summary>The ICResp has arrived: commands may be submitted. On the connection's thread.</summary>
    public Action? OnReady { get; set; }

    /// <summary>The connection is over. On the connection's thread, after every command was completed.</summary>
    public Action<CloseReason>? OnClosed { get; set; }

    /// <summary>Most bytes of in-capsule data.</summary>
    public int InCapsuleBytes { get; set; }

    /// <summary>The negotiated parameters, when the connection is ready.</summary>
    public ConnectionParameters Parameters => _receiver.Parameters;

    /// <summary>MAXH2CDATA of the controller, in bytes.</summary>
    public int MaxH2CDataBytes { get; private set; }

    /// <summary>The protocol error of the controller, or the error that its Terminate Connection Request reported.</summary>
    public PduError Error { get; private set; }

    /// <summary>Another command may be submitted.</summary>
    public bool CanSubmit => _isReady && !_isOver && _freeCount > 0;

    /// <inheritdoc/>
    public Memory<byte> DirectReceive => _receiver.Direct;

    /// <inheritdoc/>
    public bool WantsReceive => !_isOver;

    /// <inheritdoc/>
    public bool WantsTransmit => !_transmitter.IsEmpty;

    /// <inheritdoc/>
    public bool IsFinished => _isOver && _transmitter.IsEmpty;

    /// <inheritdoc/>
    public long Deadline => _deadline;

    /// <summary>Sends a command.</summary>
    /// <returns>False when the queue is full or the connection is not ready or over.</returns>
    public bool TrySubmit(HostCommand command)
    {
        if (!CanSubmit)
            return false;
        int slot = _free[--_freeCount];
        _commands[slot] = command;
        command.Slot = slot;
        command.ReceivedBytes = 0;
        command.GrantLeft = 0;
        command.HasDataDigestError = false;

        // The upper bits of the identifier are a counter, so that a response to an earlier command is recognized.
        ushort generation = ++_generations[slot];
        command.Entry.CommandId = (ushort)(slot | (generation << _slotBits));
        command.Entry.Flags = (byte)((command.Entry.Flags & 3) | SubmissionEntry.PsdtSgl);
        bool inCapsule = IsInCapsule(command);
        command.GrantOffset = inCapsule ? command.Data.Length : 0;
        command.Entry.SglAddress = 0;
        command.Entry.SglLength = (uint)command.Data.Length;
        command.Entry.SglType = inCapsule ? SubmissionEntry.SglInCapsule : SubmissionEntry.SglTransport;
        _transmitter.SendCommand(command, inCapsule);
        _transport.Wake();
        return true;
    }

    /// <inheritdoc/>
    public int MissingBytes => _receiver.LeftOfPdu;

    /// <inheritdoc/>
    public void ReceivedDirect(int count) => _receiver.ReceivedDirect(count);

    /// <inheritdoc/>
    public void Received(ReadOnlyMemory<byte> bytes) => _receiver.Receive(bytes);

    /// <inheritdoc/>
    public void FillTransmit(TransmitBatch batch) => _transmitter.Fill(batch);

    /// <inheritdoc/>
    public void Transmitted(long count)
    {
        _transmitter.Transmitted(count);
        if (_answeredEarly is not { } command || _transmitter.IsSending(command))
            return;
        _answeredEarly = null;
        Finish(command);
    }

    /// <inheritdoc/>
    public void PeerClosed() => Close(CloseReason.PeerClosed);

    /// <inheritdoc/>
    public void OnTimer(long now)
    {
        if (now < _deadline)
            return;
        _deadline = long.MaxValue;
        if (_isOver)
            _transmitter.Clear();
        Close(CloseReason.HandshakeTimeout);
        _transport.Wake();
    }

    /// <inheritdoc/>
    public void Close(CloseReason reason)
    {
        if (_isOver)
            return;
        _transmitter.Clear();
        End(reason);
    }

    PduError IPduConsumer.OnCommonHeader(in CommonHeader header, out bool isExpected, out int maxDataBytes)
    {
        isExpected = header.Type == PduType.C2HTermReq || header.Type == PduType.ICResp != _isReady;
        maxDataBytes = 1 << 30;
        return PduError.None;
    }

    PduError IPduConsumer.OnHeader(in CommonHeader common, ReadOnlySpan<byte> header, int dataBytes) => common.Type switch
    {
        PduType.ICResp => OnInitialized(WireStruct.Read<InitializeConnection>(header)),
        PduType.CapsuleResp => OnResponse(WireStruct.Read<ResponseCapsule>(header).Entry),
        PduType.C2HData => OnControllerData(WireStruct.Read<DataTransfer>(header), dataBytes),
        PduType.R2T => OnReadyToTransfer(WireStruct.Read<DataTransfer>(header)),
        _ => OnControllerTermination(WireStruct.Read<TerminateConnection>(header)),
    };

    void IPduConsumer.OnDataEnd(bool digestMatches)
    {
        if (_receiving is not { } command)
            return;
        _receiving = null;
        command.HasDataDigestError |= !digestMatches;
        if (!_receivedSuccess)
            return;
        _receivedSuccess = false;
        CompletionEntry completion = default;
        completion.CommandId = command.Entry.CommandId;
        Complete(command, completion);
    }

    void IPduConsumer.OnFatal(PduError error, ReadOnlySpan<byte> header)
    {
        Error = error;

        // In the middle of a PDU no request can be sent; the connection just closes.
        bool canTell = header[0] != (byte)PduType.C2HTermReq && !_transmitter.IsMidPdu;
        _transmitter.Clear();
        if (canTell)
            _transmitter.SendWhole(Handshake.Terminate(PduType.H2CTermReq, error, header));
        End(CloseReason.ProtocolError);
        if (canTell)
            _deadline = _transport.Now + FarewellMilliseconds;
    }

    private PduError OnInitialized(in InitializeConnection response)
    {
        PduError error = Handshake.Check(response);
        if (!error.IsNone)
            return error;
        if (response.Limit < 4096 || response.Limit % 4 != 0)
            return PduError.InvalidField(12);
        ConnectionParameters parameters = Handshake.Agree(response);
        if ((parameters.HeaderDigest && !_options.HeaderDigest) || (parameters.DataDigest && !_options.DataDigest))
            return PduError.InvalidField(11);
        MaxH2CDataBytes = (int)Math.Min(response.Limit, 1 << 30);
        _receiver.Parameters = parameters;
        _transmitter.Parameters = parameters;
        _transmitter.MaxH2CDataBytes = MaxH2CDataBytes;
        _deadline = long.MaxValue;
        _isReady = true;
        OnReady?.Invoke();
        return PduError.None;
    }

    private PduError OnResponse(in CompletionEntry completion)
    {
        if (Find(completion.CommandId) is not { } command)
            return PduError.Sequence;
        Complete(command, completion);
        return PduError.None;
    }

    private PduError OnControllerData(in DataTransfer header, int dataBytes)
    {
        if (Find(header.CommandId) is not { } command || command.Entry.Direction != DataDirection.ControllerToHost)
            return PduError.InvalidField(8);
        if (header.Length != dataBytes)
            return PduError.InvalidField(DataTransfer.LengthOffset);
        if (header.Offset + (long)dataBytes > command.Data.Length)
            return new PduError(FatalErrorStatus.DataTransferOutOfRange, 0);
        if (header.Offset != command.ReceivedBytes)
            return PduError.Sequence;
        bool isLast = (header.Common.Flags & PduFlags.LastPdu) != 0;
        _receivedSuccess = (header.Common.Flags & PduFlags.Success) != 0;
        if ((_receivedSuccess && !isLast) || (isLast && header.Offset + dataBytes != command.Data.Length))
            return PduError.Sequence;
        _receiving = command;
        _receiver.SetSink(command.Data.Slice(command.ReceivedBytes, dataBytes));
        command.ReceivedBytes += dataBytes;
        return PduError.None;
    }

    private PduError OnReadyToTransfer(in DataTransfer header)
    {
        if (Find(header.CommandId) is not { } command || command.Entry.Direction != DataDirection.HostToController)
            return PduError.InvalidField(8);
        if (command.GrantLeft > 0)
            return new PduError(FatalErrorStatus.LimitExceeded, 0);
        if (header.Offset != command.GrantOffset)
            return PduError.InvalidField(DataTransfer.OffsetOffset);
        if (header.Length == 0 || (long)header.Offset + header.Length > command.Data.Length)
            return PduError.InvalidField(DataTransfer.LengthOffset);
        command.TransferTag = header.TransferTag;
        command.GrantOffset = (int)(uint)header.Offset;
        command.GrantLeft = (int)(uint)header.Length;
        _transmitter.SendData(command);
        _transport.Wake();
        return PduError.None;
    }

    private PduError OnControllerTermination(in TerminateConnection request)
    {
        Error = Handshake.ErrorOf(request);
        Close(CloseReason.PeerTerminated);
        return PduError.None;
    }

    private HostCommand? Find(ushort commandId)
    {
        int slot = commandId & ((1 << _slotBits) - 1);
        if (slot >= _commands.Length || _commands[slot] is not { } command || command.Entry.CommandId != commandId)
            return null;

        // A response to a command that was not sent, or has completed, is an error.
        bool isKnown = !command.IsCapsuleQueued || _transmitter.IsSending(command);
        return isKnown && command != _answeredEarly ? command : null;
    }

    private void Complete(HostCommand command, in CompletionEntry completion)
    {
        var status = new NvmeStatus(completion.Status);
        bool isDamaged = status.IsSuccess && command.HasDataDigestError;
        command.Completion = completion;
        command.Status = isDamaged ? NvmeStatus.TransientTransportError : status;

        // A controller may end a write before all its data has gone out; the rest must not be sent.
        _transmitter.Forget(command);
        if (_transmitter.IsSending(command))
            _answeredEarly = command;
        else
            Finish(command);
    }

    private void Finish(HostCommand command)
    {
        _commands[command.Slot] = null;
        _free[_freeCount++] = command.Slot;
        command.Slot = -1;
        command.OnCompleted();
    }

    private void End(CloseReason reason)
    {
        _isOver = true;
        _deadline = long.MaxValue;
        _receiver.Stop();
        _receiving = null;
        _transport.Wake();
        foreach (HostCommand? command in _commands)
        {
            if (command is null)
                continue;
            if (command != _answeredEarly)
            {
                command.Completion = default;
                command.Status = InternalPathError;
            }
            _commands[command.Slot] = null;
            command.OnCompleted();
        }
        _answeredEarly = null;
        OnClosed?.Invoke(reason);
    }

    private bool IsInCapsule(HostCommand command)
    {
        int limit = command.Entry.IsFabrics ? ConnectionLimits.AdminInCapsuleBytes : InCapsuleBytes;
        return command.Entry.Direction == DataDirection.HostToController && !command.Data.IsEmpty && command.Data.Length <= limit;
    }
}
