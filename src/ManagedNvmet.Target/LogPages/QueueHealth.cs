using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.LogPages;

/// <summary>What one queue pair has done. Made by <see cref="HealthCounters.Attach"/>.</summary>
public sealed class QueueHealth
{
    /// <summary>An I/O command begins.</summary>
    public void CommandStarted(long now)
    {
    }

    /// <summary>An I/O command that was counted by <see cref="CommandStarted"/> has ended.</summary>
    public void CommandEnded(long now)
    {
    }

    /// <summary>Counts a command by what its row of the table says and how it ended.</summary>
    public void Record(HealthUse use, uint namespaceId, uint bytes, NvmeStatus status)
    {
    }
}
