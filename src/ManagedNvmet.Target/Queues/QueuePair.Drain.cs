using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Queues;

public sealed partial class QueuePair
{
    private void Drain(NamespaceDrain drain)
    {
        EndThrottled(context => IsConcerned(context, drain), drain.Status);
        foreach (CommandContext context in _contexts)
        {
            if (context.Slot.IsPending && IsConcerned(context, drain))
                context.Slot.TryAbort(drain.Status);

            // What the host has not read yet is as good from a copy. Without room for one, the removal waits for the host.
            if (context.IsLending && IsConcerned(context, drain))
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
            NamespaceDrain drain = _drains[index];
            if (IsUsed(drain))
                continue;
            _drains.RemoveAt(index);
            drain.Acknowledge();
        }
    }

    private static bool IsConcerned(CommandContext context, NamespaceDrain drain) =>
        context.Namespace?.Device == drain.Device && (!drain.IsForWritesOnly || context.Command!.ModifiesMedium);

    private bool IsUsed(NamespaceDrain drain)
    {
        foreach (CommandContext context in _contexts)
        {
            if (context.IsExecuting && IsConcerned(context, drain))
                return true;
        }
        return false;
    }
}
