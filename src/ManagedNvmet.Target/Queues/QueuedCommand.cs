using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Slots;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.QualityOfService;

namespace ManagedNvmet.Target.Queues;

/// <summary>A command as its queue pair knows it: whether it waits, executes, lends, or is held.</summary>
internal sealed class QueuedCommand : CommandContext
{
    private static readonly Action<object?> FinishPosted = static state =>
    {
        var context = (QueuedCommand)state!;
        context.Pair.Commands.Finish(context, context._postedStatus, 0);
    };

    private static readonly Action<object?> FinishWithLentDataPosted = static state =>
    {
        var context = (QueuedCommand)state!;
        ReadOnlyMemory<byte> data = context._postedData;
        context._postedData = default;
        context.Pair.Commands.FinishWithLentData(context, data);
    };

    private NvmeStatus _postedStatus;
    private ReadOnlyMemory<byte> _postedData;

    public QueuedCommand(QueuePair pair, CommandSlot slot)
        : base(pair, slot)
    {
        Pair = pair;
    }

    /// <summary>The queue pair that the command came on.</summary>
    public QueuePair Pair { get; }

    /// <summary>The limits that still hold the command back, or null.</summary>
    public Throttle[]? Throttles { get; set; }

    /// <summary>Bytes of blocks that the command transfers: what counts for limits and statistics.</summary>
    public uint BlockBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Command!.TransfersBlocks ? Slot.SglLength : 0;
    }

    /// <summary>When the round that brought the command found its work, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long StartedAt { get; set; }

    /// <summary>True from the begin of <see cref="Command.Execute"/> until the command is completed and lent data is sent.</summary>
    public bool IsExecuting { get; set; }

    /// <summary>True after <see cref="CompleteWithLentData"/>, while the device's memory is still to be sent. The command counts as
    /// executing until then.</summary>
    public bool IsLending { get; set; }

    /// <summary>True when the command was accepted and will never be answered: the association is ending.</summary>
    public bool IsHeld { get; set; }

    /// <summary>A Connect command: true when the threads of the host's other controllers were visited.</summary>
    public bool HasVisited { get; set; }

    /// <summary>Begins a new command in the slot.</summary>
    public void Reset(long startedAt)
    {
        Command = null;
        Namespace = null;
        Throttles = null;
        DataPlacement = DataPlacement.Buffered;
        FailureResult = 0;
        StartedAt = startedAt;
        IsHeld = false;
        HasVisited = false;
    }

    /// <inheritdoc/>
    public override void Finish(NvmeStatus status, ulong result = 0) => Pair.Commands.Finish(this, status, result);

    /// <inheritdoc/>
    public override void Complete(NvmeStatus status)
    {
        if (status.IsSuccess && Operation == BlockOperation.Read && Data.IsEmpty)
            status = NvmeStatus.InternalError;
        if (!status.IsSuccess)
            Pair.Commands.NoteDeviceError(this, status);
        if (Slot.Scheduler.IsCurrentThread)
            Pair.Commands.Finish(this, status, 0);
        else
            PostFinish(status);
    }

    /// <inheritdoc/>
    public override void CompleteWithLentData(ReadOnlyMemory<byte> data)
    {
        if (Operation != BlockOperation.Read || data.Length != Slot.SglLength)
            RefuseLentData(data.Length);
        if (Slot.Scheduler.IsCurrentThread)
            Pair.Commands.FinishWithLentData(this, data);
        else
            PostFinishWithLentData(data);
    }

    internal override void ReportDeviceFailure(Exception exception) => Pair.Commands.ReportDeviceFailure(this, exception);

    // Rare cases are methods of their own: the code of nearly all commands is shorter without them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PostFinish(NvmeStatus status)
    {
        _postedStatus = status;
        Slot.Scheduler.Post(FinishPosted, this);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PostFinishWithLentData(ReadOnlyMemory<byte> data)
    {
        _postedData = data;
        Slot.Scheduler.Post(FinishWithLentDataPosted, this);
    }

    [DoesNotReturn]
    private void RefuseLentData(int length) =>
        throw new ArgumentException($"A {Operation} of {Slot.SglLength} bytes was lent {length}.", "data");
}
