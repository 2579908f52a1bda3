using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Receiving;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Slots;

/// <summary>Moves the commands of a controller's connection from capsule to response.</summary>
/// <remarks>Belongs to the connection's thread.</remarks>
internal sealed class CommandFlow
{
    private readonly ICommandOwner _owner;
    private readonly PduReceiver _receiver;
    private readonly ControllerTransmitter _transmitter;
    private readonly IConnectionTransport _transport;
    private readonly BufferLine _buffers;
    private readonly SlotTable _slots;

    // The command whose data is next in the stream.
    private CommandSlot? _receiving;

    private bool _isFlowControlled = true;
    private int _entries = 1;
    private int _head;
    private long _count;

    public CommandFlow(ICommandOwner owner, PduReceiver receiver, IConnectionTransport transport, IDataBuffers buffers)
    {
        _owner = owner;
        _receiver = receiver;
        _transport = transport;
        _transmitter = new ControllerTransmitter(this, owner.Limits.MaxC2HDataBytes);
        _buffers = new BufferLine(owner, this, buffers);
        _slots = new SlotTable(this);
    }

    /// <summary>The thread that owns the commands.</summary>
    public IConnectionScheduler Scheduler => _transport;

    /// <summary>Sends the responses.</summary>
    public ControllerTransmitter Transmitter => _transmitter;

    /// <summary>Commands that have a slot.</summary>
    public int Outstanding => _slots.InUse;

    /// <summary>SQHD for the next response.</summary>
    public ushort SubmissionQueueHead => _isFlowControlled ? (ushort)_head : (ushort)0;

    /// <summary>The handler above; set before the first command.</summary>
    public ICommandHandler Handler { get; set; } = null!;

    /// <summary>SQHD is valid.</summary>
    public bool IsFlowControlled => _isFlowControlled;

    /// <summary>Commands received so far. From any thread.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Commands that need a buffer wait, except the one whose data is next in the stream.</summary>
    public bool IsPaused => _buffers.IsPaused;

    /// <summary>No command holds a buffer or executes: all wait for a buffer, or are parked.</summary>
    public bool IsQuiet => _buffers.IsQuiet && _slots.InUse == _buffers.WaitingCount + Handler.ParkedCommands;

    /// <summary>Most bytes that may be received next: while paused, only the bytes that commands in progress need.</summary>
    public int ReceiveLimit
    {
        get
        {
            if (!_buffers.IsPaused)
                return int.MaxValue;

            // Data of an R2T may stand behind any other PDU.
            for (int index = 0; index < _slots.Capacity; index++)
            {
                if (_slots.At(index) is { State: SlotState.Receiving, InCapsuleBytes: 0 })
                    return int.MaxValue;
            }
            return _receiving is null ? 0 : _receiver.LeftOfPdu;
        }
    }

    private ConnectionLimits Limits => _owner.Limits;

    /// <summary>The connection has become a queue.</summary>
    public void Establish(int queueEntries, bool isQueueFlowControlled)
    {
        _entries = queueEntries;
        _isFlowControlled = isQueueFlowControlled;
        _slots.Grow(_entries);
        _head = 1;
    }

    /// <summary>The slot of a command that is outstanding, or null.</summary>
    public CommandSlot? Find(ushort commandId) => _slots.Find(commandId);

    /// <summary>The slot at an index if it was ever used, or null.</summary>
    public CommandSlot? At(int index) => _slots.At(index);

    /// <summary>A command capsule has arrived.</summary>
    public PduError OnCapsule(in CommandCapsule capsule, int inCapsuleBytes)
    {
        if (_slots.Take() is not { } slot)
            return PduError.Sequence;
        if (++_head == _entries)
            _head = 0;
        Volatile.Write(ref _count, _count + 1);
        slot.Begin(capsule.Entry, inCapsuleBytes);
        int limit = _owner.IsAdmin || capsule.Entry.IsFabrics ? ConnectionLimits.AdminInCapsuleBytes : Limits.IoInCapsuleBytes;
        slot.SglStatus = SglRules.Check(capsule.Entry, inCapsuleBytes, limit, out uint transferBytes);
        slot.SglLength = transferBytes;
        if (_slots.TryOwnCommandId(slot) || TryReuseCommandId(slot))
            Handler.OnCommand(slot);
        else
            Fail(slot, NvmeStatus.CommandIdConflict);
        return PduError.None;
    }

    /// <summary>The header of an H2CData PDU has arrived.</summary>
    public PduError OnHostData(in DataTransfer header, int dataBytes)
    {
        CommandSlot? owner = _slots.At(header.TransferTag);
        PduError error = HostDataRules.Check(header, owner, dataBytes, Limits.MaxH2CDataBytes);
        if (!error.IsNone)
            return error;
        CommandSlot slot = owner!;
        _receiving = slot;
        _receiver.SetSink(slot.Data.Slice(slot.ReceivedBytes, dataBytes));
        slot.ReceivedBytes += dataBytes;
        if (slot.ReceivedBytes == slot.GrantStart + slot.GrantLength)
        {
            slot.GrantLength = 0;
            slot.IsGranted = false;
        }
        return PduError.None;
    }

    /// <summary>The data of a PDU has arrived.</summary>
    public void OnDataEnd(bool digestMatches)
    {
        if (_receiving is not { } slot)
            return;
        _receiving = null;
        if (!digestMatches && slot.Doom.IsSuccess)
            slot.Doom = NvmeStatus.TransientTransportError;
        if (slot.GrantLength > 0)
            return;
        if (!slot.Doom.IsSuccess)
            Fail(slot, slot.Doom);
        else if (slot.ReceivedBytes < slot.SglLength)
            Grant(slot);
        else
            Execute(slot);
    }

    /// <summary>Provides a place for the data of an accepted command, receives the data, and has the command executed.</summary>
    public void Accept(CommandSlot slot, DataPlacement placement)
    {
        if (!_owner.IsOpen)
            Release(slot);
        else if (slot.SglLength > (uint)Limits.MaxTransferBytes)
            Fail(slot, NvmeStatus.InvalidField);
        else if (slot.SglLength == 0 || (placement == DataPlacement.Lent && CanSendLentData(slot)))
            Execute(slot);
        else if (placement != DataPlacement.Borrowed || slot.InCapsuleBytes == 0 || !TryExecuteWithReceived(slot))
            GetBuffer(slot);
    }

    /// <summary>The command has its buffer: receives its data or executes it.</summary>
    public void OnBuffer(CommandSlot slot)
    {
        if (slot.Direction != DataDirection.HostToController)
        {
            Execute(slot);
            return;
        }
        slot.State = SlotState.Receiving;
        if (slot.InCapsuleBytes == 0)
        {
            Grant(slot);
            return;
        }
        slot.ReceivedBytes = slot.InCapsuleBytes;
        _receiving = slot;
        _receiver.SetSink(slot.Data);
        if (_receiver.IsBlocked)
            _owner.ResumeReceiving();
    }

    /// <summary>Completes a command: sends its data, if any, and its response.</summary>
    public void Complete(CommandSlot slot, NvmeStatus status, ulong result)
    {
        if (!_owner.IsOpen)
        {
            Release(slot);
            return;
        }
        bool sendsData = status.IsSuccess && slot.Direction == DataDirection.ControllerToHost;
        if (!sendsData)
            _buffers.Return(slot);
        else if (slot.Data.Length == slot.SglLength)
            slot.DataToSend = slot.Data;
        else
            throw new InvalidOperationException("A read whose data was to be lent was completed without any.");
        Respond(slot, status, result);
    }

    /// <summary>Completes a read with memory of the device, and returns it by <see cref="ICommandHandler.OnLentDataReturned"/>: at once
    /// when the command has a buffer for a copy or nothing is sent any more.</summary>
    public void CompleteWithLentData(CommandSlot slot, ReadOnlyMemory<byte> data)
    {
        if (data.Length != slot.SglLength || slot.Direction != DataDirection.ControllerToHost || slot.State != SlotState.Executing)
            RefuseLentData(slot, data.Length);
        if (!_owner.IsOpen || slot.Placement == DataPlacement.Buffered)
        {
            CompleteWithCopy(slot, data);
            return;
        }
        slot.LentDataPin = data.Pin();
        slot.DataToSend = data;
        slot.Placement = DataPlacement.Lent;
        Respond(slot, NvmeStatus.Success, 0);
    }

    /// <summary>Copies lent data that has not been sent, and returns it. False when there is no buffer for the copy.</summary>
    public bool TryReturnLentData(CommandSlot slot)
    {
        if (slot.Placement != DataPlacement.Lent)
            return true;

        // From here on the placement is Buffered.
        if (!_buffers.TryRent(slot))
            return false;
        slot.DataToSend.CopyTo(slot.Data);
        slot.DataToSend = slot.Data;
        ReturnLentData(slot);
        return true;
    }

    /// <summary>Ends a command that was not executed; false when it executes or ends already.</summary>
    public bool TryAbort(CommandSlot slot, NvmeStatus status)
    {
        switch (slot.State)
        {
            case SlotState.WaitingForBuffer when slot != _receiving:
                _buffers.Leave(slot);
                Fail(slot, status);
                return true;
            case SlotState.WaitingForBuffer or SlotState.Receiving when slot.Doom.IsSuccess:
                slot.Doom = status;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Ends a command in execution without a response.</summary>
    public void Withdraw(CommandSlot slot)
    {
        if (slot.State != SlotState.Executing)
            throw new InvalidOperationException("Only a command in execution can be withdrawn.");
        Release(slot);
    }

    // Some hosts forget commands that wait for an event, and use their identifiers for others.
    private bool TryReuseCommandId(CommandSlot slot) =>
        Find(slot.EntryField.CommandId) is { } earlier && Handler.TryWithdraw(earlier) && _slots.TryOwnCommandId(slot);

    /// <summary>Frees the slot for another command.</summary>
    public void Release(CommandSlot slot)
    {
        bool wasLent = slot.Placement == DataPlacement.Lent;
        _buffers.Return(slot);
        slot.Placement = DataPlacement.None;
        slot.DataToSend = default;
        slot.State = SlotState.Free;
        _slots.Return(slot);
        if (wasLent)
            ReturnLentData(slot);
    }

    /// <summary>Releases the commands that wait for buffers or data. The transmitter releases the completed ones; those that execute are
    /// released by <see cref="Complete"/>.</summary>
    public void ReleaseEverythingNotExecuting()
    {
        _receiving = null;
        _buffers.Clear();
        for (int index = 0; index < _slots.Capacity; index++)
        {
            if (_slots.At(index) is { State: SlotState.WaitingForBuffer or SlotState.Receiving } slot)
                Release(slot);
        }
    }

    /// <summary>Begins a pause.</summary>
    public void Pause() => _buffers.Pause();

    /// <summary>Ends a pause, with buffers of the calling thread.</summary>
    public void Resume(IDataBuffers newBuffers) => _buffers.Resume(newBuffers);

    [DoesNotReturn]
    private static void RefuseLentData(CommandSlot slot, int length) => throw new InvalidOperationException(
        slot.State == SlotState.Executing
            ? $"{length} bytes were lent to a command that sends {(slot.Direction == DataDirection.ControllerToHost ? slot.SglLength : 0)}."
            : "Data was lent to a command that was completed already, or is not executed yet.");

    private void CompleteWithCopy(CommandSlot slot, ReadOnlyMemory<byte> data)
    {
        if (_owner.IsOpen)
            data.CopyTo(slot.Data);
        Complete(slot, NvmeStatus.Success, 0);
        Handler.OnLentDataReturned(slot);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Respond(CommandSlot slot, NvmeStatus status, ulong result)
    {
        slot.Status = status;
        slot.Result = result;
        slot.State = SlotState.Sending;
        slot.SentDataBytes = 0;
        slot.HasSubmissionQueueHead = false;
        slot.UsesSuccessFlag = !_isFlowControlled && slot.DataToSend.Length > 0 && result == 0 && status.Value == 0;
        if (!_isFlowControlled && IsSuccessfulConnect(slot))
        {
            slot.SubmissionQueueHead = 0xFFFF;
            slot.HasSubmissionQueueHead = true;
        }
        _transmitter.SendResponse(slot);
        _transport.Wake();
    }

    private void GetBuffer(CommandSlot slot)
    {
        slot.State = SlotState.WaitingForBuffer;
        if (_buffers.TryRentOrWait(slot))
        {
            OnBuffer(slot);
        }
        else if (slot.InCapsuleBytes > 0)
        {
            // The data is next in the stream and has no buffer: receiving stops.
            _receiving = slot;
            _receiver.Block();
        }
    }

    // Data behind the capsule in the receive buffer needs no buffer of its own, if the command completes before the next receive.
    private bool TryExecuteWithReceived(CommandSlot slot)
    {
        if (!_receiver.TryTakeData(out ReadOnlyMemory<byte> data, out bool digestMatches))
            return false;
        slot.Data = MemoryMarshal.AsMemory(data);
        slot.Placement = DataPlacement.Borrowed;
        if (digestMatches)
            Execute(slot);
        else
            Fail(slot, NvmeStatus.TransientTransportError);
        return true;
    }

    // The digest follows the data on the wire. Lent data may change in between, so it is copied first.
    private bool CanSendLentData(CommandSlot slot) =>
        slot.Direction == DataDirection.ControllerToHost && !_transmitter.Parameters.DataDigest;

    private void ReturnLentData(CommandSlot slot)
    {
        slot.LentDataPin.Dispose();
        Handler.OnLentDataReturned(slot);
    }

    /// <summary>Asks for the next range of the command's data.</summary>
    private void Grant(CommandSlot slot)
    {
        slot.GrantStart = slot.ReceivedBytes;
        slot.GrantLength = Math.Min((int)slot.SglLength - slot.ReceivedBytes, Limits.MaxH2CDataBytes);
        _transmitter.SendReadyToTransfer(slot);
        _transport.Wake();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Execute(CommandSlot slot)
    {
        slot.State = SlotState.Executing;
        Handler.OnExecute(slot);
        if (slot.Placement == DataPlacement.Borrowed)
        {
            throw new InvalidOperationException(
                "A write with borrowed data was not completed inside OnExecute, and its data is about to be overwritten.");
        }
    }

    /// <summary>Ends a command that the handler has not executed.</summary>
    private void Fail(CommandSlot slot, NvmeStatus status) => Complete(slot, Handler.OnFailed(slot, status), 0);

    private static bool IsSuccessfulConnect(CommandSlot slot) =>
        slot.EntryField.IsFabrics && slot.EntryField.FabricsType == FabricsCommandType.Connect && slot.Status.IsSuccess;
}
