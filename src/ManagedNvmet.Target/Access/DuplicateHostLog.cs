namespace ManagedNvmet.Target.Access;

/// <summary>The last duplicate hosts, and how many there were.</summary>
/// <remarks>Thread-safe, bounded.</remarks>
public sealed class DuplicateHostLog
{
    /// <summary>Entries that are kept.</summary>
    public const int Capacity = 100;

    private readonly Lock gate = new();
    private readonly Queue<DuplicateHost> kept = new();
    private long total;

    internal DuplicateHostLog()
    {
    }

    /// <summary>Duplicates since the start.</summary>
    public long TotalCount => Interlocked.Read(ref total);

    /// <summary>The entries that are kept, the newest last.</summary>
    public IReadOnlyList<DuplicateHost> Read()
    {
        lock (gate)
            return [.. kept];
    }

    internal void Add(DuplicateHost seen)
    {
        lock (gate)
        {
            Interlocked.Increment(ref total);
            if (kept.Count == Capacity)
                kept.Dequeue();
            kept.Enqueue(seen);
        }
    }
}
