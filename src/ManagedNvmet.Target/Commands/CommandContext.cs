using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Slots;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.QualityOfService;
using ManagedNvmet.Target.Queues;

namespace ManagedNvmet.Target.Commands;

/// <summary>One command while the target works on it: the slot it came in, where it belongs, and the block request it may become.
/// Lives as long as its slot and is reused with it.</summary>
public sealed class CommandContext : BlockRequest
{
    private static readonly Action<object?> FinishPosted = static state =>
    {
        var context = (CommandContext)state!;
        context.Finish(context._postedStatus);
    };

    private static readonly Action<object?> FinishWithLentDataPosted = static state =>
    {
        var context = (CommandContext)state!;
        ReadOnlyMemory<byte> data = context._postedData;
        context._postedData = default;
        context.Queue.FinishWithLentData(context, data);
    };

    private readonly BlockRangeList _ranges = new();
    private NvmeStatus _postedStatus;
    private ReadOnlyMemory<byte> _postedData;

    internal CommandContext(QueuePair queue, CommandSlot slot)
    {
        Queue = queue;
        Slot = slot;
    }

    /// <summary>The queue that the command came on.</summary>
    public QueuePair Queue { get; }

    /// <summary>The slot that carries the command.</summary>
    public CommandSlot Slot { get; }

    /// <summary>The controller of the queue; null only before Connect.</summary>
    public Controller? Controller => Queue.Controller;

    /// <summary>The command's row of its table.</summary>
    public Command? Command { get; internal set; }

    /// <summary>The namespace that NSID names, where the command uses one.</summary>
    public Namespace? Namespace { get; internal set; }

    /// <summary>The submission queue entry.</summary>
    public ref readonly SubmissionEntry Entry => ref Slot.Entry;

    /// <summary>Dwords 0 and 1 of the completion when the command fails, for the few commands that define them; otherwise 0, so that
    /// nothing leaks.</summary>
    internal ulong FailureResult { get; set; }

    /// <summary>What the command can do without a buffer for its data: said when it is admitted.</summary>
    internal DataPlacement DataPlacement { get; set; }

    /// <summary>What still holds the command back, or null.</summary>
    internal Throttle[]? Throttles { get; set; }

    /// <summary>Bytes of blocks that the command transfers: what counts for limits and statistics.</summary>
    internal uint BlockBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Command!.TransfersBlocks ? Slot.SglLength : 0;
    }

    /// <summary>When the round that brought the command found its work, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    internal long StartedAt { get; set; }

    /// <summary>Between <see cref="ICommandHandler.OnExecute"/> and <see cref="Finish"/>.</summary>
    internal bool IsExecuting { get; set; }

    /// <summary>After <see cref="BlockRequest.CompleteWithLentData"/>, while the device's memory is still to be sent. The command counts as
    /// executing until then.</summary>
    internal bool IsLending { get; set; }

    /// <summary>Accepted and given to us, and never to be answered: the association is ending.</summary>
    internal bool IsHeld { get; set; }

    /// <summary>A Connect command: the threads of the host's other controllers were visited.</summary>
    internal bool HasVisited { get; set; }

    /// <summary>An Abort command: the queue of the command that it wants to end, while another thread is asked.</summary>
    internal QueuePair? AbortTarget { get; set; }

    /// <summary>An Abort command: what the other thread answered.</summary>
    internal bool WasAborted { get; set; }

    /// <inheritdoc/>
    public override ReadOnlySpan<BlockRange> Ranges => Operation == BlockOperation.Deallocate ? _ranges.Items : default;

    /// <summary>The bytes that the command transfers: <see cref="CommandSlot.Data"/>.</summary>
    public Span<byte> Bytes => Slot.Data.Span;

    /// <summary>Completes the command, on the queue's thread.</summary>
    /// <param name="status">The outcome.</param>
    /// <param name="result">Dwords 0 and 1 of the completion queue entry; 0 unless the command defines them.</param>
    public void Finish(NvmeStatus status, ulong result = 0) => Queue.Finish(this, status, result);

    /// <summary>Completes a read-direction command whose structure is <paramref name="structure"/>: copies it, or the part from
    /// <paramref name="offset"/> on, and fills the rest of what the host asked for with zeros.</summary>
    public void FinishWith(ReadOnlySpan<byte> structure, ulong offset = 0)
    {
        Span<byte> target = Bytes;
        int copied = 0;
        if (offset < (ulong)structure.Length)
        {
            ReadOnlySpan<byte> part = structure[(int)offset..];
            copied = Math.Min(part.Length, target.Length);
            part[..copied].CopyTo(target);
        }
        target[copied..].Clear();
        Finish(NvmeStatus.Success);
    }

    /// <summary>Hands the command to the namespace's device as a Read, Write, Flush or Write Zeroes.</summary>
    public void Submit(BlockOperation operation, ulong firstBlock, uint blockCount, bool forceUnitAccess = false, bool deallocateHint = false)
    {
        Operation = operation;
        FirstBlock = firstBlock;
        BlockCount = blockCount;
        ForceUnitAccess = forceUnitAccess;
        DeallocateHint = deallocateHint;
        Data = operation is BlockOperation.Read or BlockOperation.Write ? Slot.Data : default;
        SubmitToDevice();
    }

    /// <summary>Hands the command to the namespace's device as a Deallocate.</summary>
    public void SubmitDeallocate(ReadOnlySpan<BlockRange> deallocated)
    {
        Operation = BlockOperation.Deallocate;
        FirstBlock = 0;
        BlockCount = 0;
        ForceUnitAccess = false;
        DeallocateHint = false;
        Data = default;
        _ranges.Set(deallocated);
        SubmitToDevice();
    }

    /// <inheritdoc/>
    public override void Complete(NvmeStatus status)
    {
        if (status.IsSuccess && Operation == BlockOperation.Read && Data.IsEmpty)
            status = NvmeStatus.InternalError;
        if (!status.IsSuccess)
            Queue.NoteDeviceError(this, status);
        if (Slot.Scheduler.IsCurrentThread)
            Finish(status);
        else
            PostFinish(status);
    }

    /// <inheritdoc/>
    public override void CompleteWithLentData(ReadOnlyMemory<byte> data)
    {
        if (Operation != BlockOperation.Read || data.Length != Slot.SglLength)
            RefuseLentData(data.Length);
        if (Slot.Scheduler.IsCurrentThread)
            Queue.FinishWithLentData(this, data);
        else
            PostFinishWithLentData(data);
    }

    // What is rare stands apart, here and below: the way of nearly all commands is shorter without it.
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

    private void SubmitToDevice()
    {
        try
        {
            Namespace!.Device.Submit(this);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A device of somebody else's may throw; it costs that one command.
            Queue.ReportDeviceFailure(this, exception);
            Finish(NvmeStatus.InternalError);
        }
    }
}
