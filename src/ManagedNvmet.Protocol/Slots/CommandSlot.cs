using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Slots;

/// <summary>One command on a connection, from its capsule to its response. Reused for the next.</summary>
/// <remarks>Belongs to the connection's thread; <see cref="Complete"/> too is called there.</remarks>
public sealed class CommandSlot
{
    internal SubmissionEntry EntryField;
    internal SlotState State;
    internal NvmeStatus Status;
    internal ulong Result;

    internal bool OwnsCommandId;

    // What the host still has to send: bytes that arrived, the range of the outstanding R2T, and whether that R2T is on its way.
    internal int ReceivedBytes;
    internal int GrantStart;
    internal int GrantLength;
    internal bool IsGranted;
    internal int InCapsuleBytes;

    // Not success when the command must not be executed although its data is still awaited: aborted, or its data was damaged.
    internal NvmeStatus Doom;

    // Where the data lies now, and the pin of lent memory.
    internal DataPlacement Placement;
    internal MemoryHandle LentDataPin;

    // What is still to be sent: the data PDU that is next, and what belongs to it.
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

    /// <summary>Which way data goes.</summary>
    public DataDirection Direction { get; internal set; }

    /// <summary>Bytes of data that the host's SGL describes; 0 for a command without data. Checked against
    /// <see cref="ConnectionLimits.MaxTransferBytes"/> only by <see cref="Accept"/>.</summary>
    public uint SglLength { get; internal set; }

    /// <summary>The command's data comes with it in the capsule: <see cref="Accept"/> must not be put off.</summary>
    public bool HasInCapsuleData => InCapsuleBytes > 0;

    /// <summary>What is wrong with PSDT, the SGL or the in-capsule data, or success. A handler that knows the command completes it
    /// with this status where its place in the order of checks comes.</summary>
    public NvmeStatus SglStatus { get; internal set; }

    /// <summary>The command's data from <see cref="ICommandHandler.OnExecute"/> until <see cref="Complete"/>: what the host sent, or
    /// room for exactly what it asked for, with undefined contents. Empty for a command without data, and for one that was accepted as
    /// <see cref="DataPlacement.Lent"/>, unless a data digest asks for a copy.</summary>
    public Memory<byte> Data { get; internal set; }

    /// <summary>Room for the handler's own state; kept when the slot is reused, so that the handler need not allocate.</summary>
    public object? Context { get; set; }

    /// <summary>True while the command has not been executed: it waits for a buffer or for data.</summary>
    public bool IsPending => State is SlotState.WaitingForBuffer or SlotState.Receiving;

    /// <summary>The command is sound: get it a buffer of <see cref="SglLength"/> bytes and the host's data, then call
    /// <see cref="ICommandHandler.OnExecute"/>, perhaps before this returns.</summary>
    /// <param name="placement">Where the handler can work with the data.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Accept(DataPlacement placement = DataPlacement.Buffered) => _flow.Accept(this, placement);

    /// <summary>Ends a read that succeeded with memory of the caller's, which must stay valid until
    /// <see cref="ICommandHandler.OnLentDataReturned"/>: called for each such completion once, perhaps before this returns.</summary>
    /// <param name="data">Exactly <see cref="SglLength"/> bytes; pinned while they are lent.</param>
    public void CompleteWithLentData(ReadOnlyMemory<byte> data) => _flow.CompleteWithLentData(this, data);

    /// <summary>Asks for lent data back, of which a copy is sent then. False when there is no room for a copy at the moment.</summary>
    public bool TryReturnLentData() => _flow.TryReturnLentData(this);

    /// <summary>Ends the command. A read that succeeded sends <see cref="Data"/> first.</summary>
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

    /// <summary>Ends a command that has not been executed. Data that the host was already asked for is awaited and dropped first.</summary>
    /// <returns>False when execution has begun: then the handler completes it in its own time. False too when it is being ended already:
    /// the first reason stands.</returns>
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

    /// <summary>With the handler, not yet accepted.</summary>
    Offered,

    /// <summary>Accepted; no buffer was to be had.</summary>
    WaitingForBuffer,

    /// <summary>Has its buffer; data from the host is on its way.</summary>
    Receiving,

    /// <summary>With the handler for execution.</summary>
    Executing,

    /// <summary>In the queue of what is to be sent.</summary>
    Sending,
}
