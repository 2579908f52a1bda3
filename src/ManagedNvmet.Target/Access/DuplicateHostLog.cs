namespace ManagedNvmet.Target.Access;

/// <summary>The last duplicate hosts, and how many there were.</summary>
/// <remarks>Thread-safe, bounded.</remarks>
public sealed class DuplicateHostLog
{
    /// <summary>Entries that are kept.</summary>
    public const int Capacity = 100;

    private readonly Lock _gate = new();
    private readonly Queue<DuplicateHost> _kept = new();
    private long _total;

    internal DuplicateHostLog()
    {
    }

    /// <summary>Duplicates since the start.</summary>
    public long TotalCount => Interlocked.Read(ref _total);

    /// <summary>The entries that are kept, the newest last.</summary>
    public IReadOnlyList<DuplicateHost> Read()
    {
        lock (_gate)
            return [.. _kept];
    }

    internal void Add(DuplicateHost seen)
    {
        lock (_gate)
        {
            Interlocked.Increment(ref _total);
            if (_kept.Count == Capacity)
                _kept.Dequeue();
            _kept.Enqueue(seen);
        }
    }
}
