using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Commands.Nvm;
using ManagedNvmet.Target.Namespaces;

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

    /// <inheritdoc/>
    public Memory<byte> PlaceOf(CommandSlot slot, out int unit)
    {
        var context = (CommandContext)slot.Context!;
        Namespace target = context.Namespace!;
        unit = target.Properties.BlockSize;
        Exception? failure = null;
        Memory<byte> place = default;
        try
        {
            place = target.Device.PlaceOf(BlockRangeCheck.FirstBlock(context.Entry), BlockRangeCheck.BlockCount(context.Entry));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            failure = exception;
        }
        if (place.Length == slot.SglLength || (place.IsEmpty && failure is null))
            return place;
        if (Target.Limiter.TryEnter())
            LogNoPlace(Target.Logger, failure, target.Id, Controller?.Subsystem.Nqn, place.Length, slot.SglLength);
        return default;
    }
}
