namespace ManagedNvmet.Target.Queues;

/// <summary>The drains that one queue takes part in.</summary>
/// <remarks>Belongs to the queue's thread.</remarks>
internal sealed class QueueDrains
{
    private readonly List<CommandDrain> _drains = [];

    /// <summary>True when no drain is under way.</summary>
    public bool IsEmpty => _drains.Count == 0;

    /// <summary>Begins a drain: aborts the commands that wait for a buffer or for data, and takes lent data back. Commands that a limit
    /// holds back are already ended.</summary>
    public void Begin(CommandDrain drain, List<QueuedCommand> commands)
    {
        foreach (QueuedCommand context in commands)
        {
            if (context.Slot.IsPending && drain.Concerns(context))
                context.Slot.TryAbort(drain.Status);

            // A copy serves the host as well. Without room for one, the drain waits until the host has read.
            if (context.IsLending && drain.Concerns(context))
                context.Slot.TryReturnLentData();
        }
        _drains.Add(drain);
    }

    /// <summary>Acknowledges the drains for which no command is left.</summary>
    public void Check(List<QueuedCommand> commands)
    {
        for (int index = _drains.Count - 1; index >= 0; index--)
        {
            CommandDrain drain = _drains[index];
            if (IsUsed(drain, commands))
                continue;
            _drains.RemoveAt(index);
            drain.Acknowledge();
        }
    }

    private static bool IsUsed(CommandDrain drain, List<QueuedCommand> commands)
    {
        foreach (QueuedCommand context in commands)
        {
            if (context.IsExecuting && drain.Concerns(context))
                return true;
        }
        return false;
    }
}
