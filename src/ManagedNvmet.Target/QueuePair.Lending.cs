using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target;

public sealed partial class QueuePair
{
    /// <inheritdoc/>
    public void OnLentDataReturned(CommandSlot slot)
    {
        var context = (CommandContext)slot.Context!;
        context.IsLending = false;
        context.IsExecuting = false;
        context.Namespace = null;
        lending--;
        executing--;
        if (hasRareWork)
            AfterFinish();
    }

    /// <summary>Completes a read whose data lies in memory of its device. It counts as executing until the data is sent.</summary>
    internal void FinishWithLentData(CommandContext context, ReadOnlyMemory<byte> data)
    {
        CountEnd(context, NvmeStatus.Success);
        context.IsLending = true;
        lending++;
        context.Slot.CompleteWithLentData(data);
        if (hasRareWork)
            AfterFinish();
    }

    // A command that may have to wait cannot leave its data in the block that it was received into.
    private static DataHandling HandlingOfData(CommandContext context)
    {
        DataHandling handling = context.Command!.HandlingOfData(context);
        return handling == DataHandling.AtOnce && context.Throttles is not null ? DataHandling.Buffered : handling;
    }
}
