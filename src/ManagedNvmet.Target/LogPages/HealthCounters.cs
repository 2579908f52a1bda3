namespace ManagedNvmet.Target.LogPages;

/// <summary>What the queues of a subsystem have done since the target was started.</summary>
public sealed class HealthCounters
{
    /// <summary>Begins at zero.</summary>
    public HealthCounters(uint maxNamespaces, TimeProvider time) => ArgumentNullException.ThrowIfNull(time);

    /// <summary>Begins to count for an I/O queue.</summary>
    public QueueHealth Attach() => new();

    /// <summary>The queue has ended, and its last command too.</summary>
    public void Detach(QueueHealth queue)
    {
    }
}
