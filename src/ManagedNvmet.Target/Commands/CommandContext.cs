using ManagedNvmet.Protocol.Slots;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Commands;

/// <summary>One command while the target works on it: its slot, its namespace, the block request that it may become, and the part of its
/// controller and queue that commands may use.</summary>
/// <remarks>Belongs to the thread of its queue. Lives as long as its slot and is reused with it.</remarks>
public abstract class CommandContext : BlockRequest
{
    private readonly BlockRangeList _ranges = new();

    private protected CommandContext(QueueEnvironment queue, CommandSlot slot)
    {
        Queue = queue;
        Slot = slot;
    }

    /// <summary>The queue that the command came on.</summary>
    public QueueEnvironment Queue { get; }

    /// <summary>The slot that carries the command.</summary>
    public CommandSlot Slot { get; }

    /// <summary>The controller of the queue; null only before Connect.</summary>
    public ControllerEnvironment? Controller { get; internal set; }

    /// <summary>The command's row of its table; null while it is not known.</summary>
    public Command? Command { get; internal set; }

    /// <summary>The namespace that NSID names, where the command uses one.</summary>
    public Namespace? Namespace { get; internal set; }

    /// <summary>The submission queue entry.</summary>
    public ref readonly SubmissionEntry Entry => ref Slot.Entry;

    /// <summary>Dwords 0 (bits 31:0) and 1 (bits 63:32) of the completion queue entry when the command fails, for the few commands that
    /// define them; otherwise 0, so that nothing leaks.</summary>
    internal ulong FailureResult { get; set; }

    /// <summary>What the command can do without a buffer for its data. <see cref="Command.Admit"/> sets it.</summary>
    internal DataPlacement DataPlacement { get; set; }

    /// <summary>An Abort command: the queue of the command that it is to end, while the thread of that queue is asked.</summary>
    internal QueueEnvironment? AbortTarget { get; set; }

    /// <summary>An Abort command: true when the other thread ended the command.</summary>
    internal bool WasAborted { get; set; }

    /// <inheritdoc/>
    public override ReadOnlySpan<BlockRange> Ranges => Operation == BlockOperation.Deallocate ? _ranges.Items : default;

    /// <summary>The bytes that the command transfers: <see cref="CommandSlot.Data"/>.</summary>
    public Span<byte> Bytes => Slot.Data.Span;

    /// <summary>Completes the command, on the queue's thread.</summary>
    /// <param name="status">The outcome.</param>
    /// <param name="result">Dwords 0 (bits 31:0) and 1 (bits 63:32) of the completion queue entry; 0 unless the command defines
    /// them.</param>
    public abstract void Finish(NvmeStatus status, ulong result = 0);

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
    public void Submit(
        BlockOperation operation, ulong firstBlock, uint blockCount, bool forceUnitAccess = false, bool deallocateHint = false)
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

    /// <summary>Logs that the namespace's device threw.</summary>
    internal abstract void ReportDeviceFailure(Exception exception);

    private void SubmitToDevice()
    {
        try
        {
            Namespace!.Device.Submit(this);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A device of somebody else's may throw; it costs that one command.
            ReportDeviceFailure(exception);
            Finish(NvmeStatus.InternalError);
        }
    }
}
