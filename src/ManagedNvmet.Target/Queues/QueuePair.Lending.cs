using ManagedNvmet.Protocol.Slots;
using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.Queues;

public sealed partial class QueuePair
{
    /// <inheritdoc/>
    public void OnLentDataReturned(CommandSlot slot)
    {
        var context = (CommandContext)slot.Context!;
        context.IsLending = false;
        context.IsExecuting = false;
        context.Namespace = null;
        _lending--;
        _executing--;
        if (_hasRareWork)
            AfterFinish();
    }

    /// <summary>Completes a read whose data lies in memory of its device. It counts as executing until the data is sent.</summary>
    internal void FinishWithLentData(CommandContext context, ReadOnlyMemory<byte> data)
    {
        CountEnd(context, NvmeStatus.Success);
        context.IsLending = true;
        _lending++;
        context.Slot.CompleteWithLentData(data);
        if (_hasRareWork)
            AfterFinish();
    }
}
