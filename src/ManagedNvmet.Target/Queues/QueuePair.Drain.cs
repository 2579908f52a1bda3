using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Queues;

public sealed partial class QueuePair
{
    private void Drain(CommandDrain drain)
    {
        EndThrottled(context => drain.Concerns(context), drain.Status);
        foreach (CommandContext context in _contexts)
        {
            if (context.Slot.IsPending && drain.Concerns(context))
                context.Slot.TryAbort(drain.Status);

            // What the host has not read yet is as good from a copy. Without room for one, the removal waits for the host.
            if (context.IsLending && drain.Concerns(context))
                context.Slot.TryReturnLentData();
        }
        _drains.Add(drain);
        _hasRareWork = true;
        CheckDrains();
    }

    private void CheckDrains()
    {
        for (int index = _drains.Count - 1; index >= 0; index--)
        {
            CommandDrain drain = _drains[index];
            if (IsUsed(drain))
                continue;
            _drains.RemoveAt(index);
            drain.Acknowledge();
        }
    }

    private bool IsUsed(CommandDrain drain)
    {
        foreach (CommandContext context in _contexts)
        {
            if (context.IsExecuting && drain.Concerns(context))
                return true;
        }
        return false;
    }
}
