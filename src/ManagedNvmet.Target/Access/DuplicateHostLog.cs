namespace ManagedNvmet.Target.Access;

/// <summary>Keeps the last duplicate hosts and the number of all.</summary>
/// <remarks>Thread-safe, bounded.</remarks>
public sealed class DuplicateHostLog
{
    /// <summary>The largest number of entries that the log keeps.</summary>
    public const int Capacity = 100;

    private readonly Lock _gate = new();
    private readonly Queue<DuplicateHost> _kept = new();
    private long _total;

    internal DuplicateHostLog()
    {
    }

    /// <summary>The number of duplicates since the start.</summary>
    public long TotalCount => Interlocked.Read(ref _total);

    /// <summary>Returns the entries in the order of their times.</summary>
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
