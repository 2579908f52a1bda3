using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target;

public sealed partial class QueuePair
{
    private void Drain(NamespaceDrain drain)
    {
        EndThrottled(context => IsConcerned(context, drain), drain.Status);
        foreach (CommandContext context in contexts)
        {
            if (context.Slot.IsPending && IsConcerned(context, drain))
                context.Slot.TryAbort(drain.Status);
        }
        drains.Add(drain);
        hasRareWork = true;
        CheckDrains();
    }

    private void CheckDrains()
    {
        for (int index = drains.Count - 1; index >= 0; index--)
        {
            NamespaceDrain drain = drains[index];
            if (IsUsed(drain))
                continue;
            drains.RemoveAt(index);
            drain.Acknowledge();
        }
    }

    private static bool IsConcerned(CommandContext context, NamespaceDrain drain) =>
        context.Namespace?.Device == drain.Device && (!drain.IsForWritesOnly || context.Command!.ModifiesMedium);

    private bool IsUsed(NamespaceDrain drain)
    {
        foreach (CommandContext context in contexts)
        {
            if (context.IsExecuting && IsConcerned(context, drain))
                return true;
        }
        return false;
    }
}
