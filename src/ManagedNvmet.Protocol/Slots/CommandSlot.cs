using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Slots;

/// <summary>One command on a connection, from its capsule to its response. The slot is reused.</summary>
/// <remarks>Belongs to the connection's thread, <see cref="Complete"/> included.</remarks>
public sealed class CommandSlot
{
    internal SubmissionEntry EntryField;
    internal SlotState State;
    internal NvmeStatus Status;
    internal ulong Result;

    internal bool OwnsCommandId;

    // Progress of the transfer from the host: received bytes, range of the outstanding R2T, and whether that R2T was sent.
    internal int ReceivedBytes;
    internal int GrantStart;
    internal int GrantLength;
    internal bool IsGranted;
    internal int InCapsuleBytes;

    // The status with which the command ends when its data has arrived, without being executed: it was aborted, or a digest was wrong.
    internal NvmeStatus Doom;

    // Where the data lies now, and the pin of lent memory.
    internal DataPlacement Placement;
    internal MemoryHandle LentDataPin;

    // Progress of the transfer to the host: the next data PDU and its fields.
    internal ReadOnlyMemory<byte> DataToSend;
    internal int SentDataBytes;
    internal bool UsesSuccessFlag;
    internal uint DataDigest;
    internal bool HasDataDigest;
    internal ushort SubmissionQueueHead;
    internal bool HasSubmissionQueueHead;

    private readonly CommandFlow _flow;

    internal CommandSlot(CommandFlow flow, int index)
    {
        _flow = flow;
        Index = index;
    }

    /// <summary>The thread that owns the command.</summary>
    public IConnectionScheduler Scheduler => _flow.Scheduler;

    /// <summary>Index of this slot on its connection; the transfer tag of its R2Ts.</summary>
    public int Index { get; }

    /// <summary>The submission queue entry.</summary>
    public ref readonly SubmissionEntry Entry => ref EntryField;

    /// <summary>Direction of the data.</summary>
    public DataDirection Direction { get; internal set; }

    /// <summary>Bytes of data that the host's SGL describes; 0 for a command without data. Checked against
    /// <see cref="ConnectionLimits.MaxTransferBytes"/> only by <see cref="Accept"/>.</summary>
    public uint SglLength { get; internal set; }

    /// <summary>The data is in the capsule: <see cref="Accept"/> must be called before the handler returns.</summary>
    public bool HasInCapsuleData => InCapsuleBytes > 0;

    /// <summary>Result of the checks of PSDT, SGL and in-capsule data. The handler completes the command with this status at its place in
    /// the order of checks.</summary>
    public NvmeStatus SglStatus { get; internal set; }

    /// <summary>The command's data from <see cref="ICommandHandler.OnExecute"/> until <see cref="Complete"/>: the received data of a write,
    /// or the memory to fill for a read, with undefined contents. Empty for a command without data, and for one that was accepted as
    /// <see cref="DataPlacement.Lent"/>, unless a data digest asks for a copy.</summary>
    public Memory<byte> Data { get; internal set; }

    /// <summary>State of the handler; kept when the slot is reused, so that the handler need not allocate.</summary>
    public object? Context { get; set; }

    /// <summary>True while the command has not been executed: it waits for a buffer or for data.</summary>
    public bool IsPending => State is SlotState.WaitingForBuffer or SlotState.Receiving;

    /// <summary>Accepts a valid command: the connection provides memory of <see cref="SglLength"/> bytes, receives the host's data, and
    /// calls <see cref="ICommandHandler.OnExecute"/>, perhaps before this returns.</summary>
    /// <param name="placement">Where the handler can work with the data.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Accept(DataPlacement placement = DataPlacement.Buffered) => _flow.Accept(this, placement);

    /// <summary>Completes a successful read with memory of the caller, which must stay valid until
    /// <see cref="ICommandHandler.OnLentDataReturned"/>: called for each such completion once, perhaps before this returns.</summary>
    /// <param name="data">Exactly <see cref="SglLength"/> bytes; pinned while they are lent.</param>
    public void CompleteWithLentData(ReadOnlyMemory<byte> data) => _flow.CompleteWithLentData(this, data);

    /// <summary>Asks for lent data back; a copy is sent instead. False when no buffer is free for the copy.</summary>
    public bool TryReturnLentData() => _flow.TryReturnLentData(this);

    /// <summary>Completes the command. A successful read sends <see cref="Data"/> first.</summary>
    /// <param name="status">The outcome.</param>
    /// <param name="result">Dwords 0 and 1 of the completion queue entry.</param>
    /// <exception cref="InvalidOperationException">The command is complete already, or was accepted and is not executed yet.</exception>
    public void Complete(NvmeStatus status, ulong result = 0)
    {
        if (State is not (SlotState.Offered or SlotState.Executing))
            RefuseCompletion();
        _flow.Complete(this, status, result);
    }

    /// <summary>Ends a command in execution without a response: the host uses its identifier for another command.</summary>
    public void Withdraw() => _flow.Withdraw(this);

    /// <summary>Ends a command that was not executed. Data of an outstanding R2T is received and dropped first.</summary>
    /// <returns>False when the command executes: the handler completes it. False as well when it ends already: the first status
    /// stands.</returns>
    public bool TryAbort(NvmeStatus status) => _flow.TryAbort(this, status);

    [DoesNotReturn]
    private void RefuseCompletion() => throw new InvalidOperationException(
        IsPending ? "A command whose buffer or data is awaited can be aborted, not completed." : "A command was completed twice.");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Begin(in SubmissionEntry entry, int inCapsuleBytes)
    {
        State = SlotState.Offered;
        EntryField = entry;
        Direction = entry.Direction;
        InCapsuleBytes = inCapsuleBytes;
        ReceivedBytes = 0;
        GrantStart = 0;
        GrantLength = 0;
        IsGranted = false;
        Doom = NvmeStatus.Success;
        HasDataDigest = false;
    }
}

internal enum SlotState : byte
{
    Free,

    /// <summary>The handler has the command and has not accepted it.</summary>
    Offered,

    /// <summary>Accepted; no buffer was free.</summary>
    WaitingForBuffer,

    /// <summary>Has its buffer; the data is being received.</summary>
    Receiving,

    /// <summary>The handler executes the command.</summary>
    Executing,

    /// <summary>The response is queued.</summary>
    Sending,
}
