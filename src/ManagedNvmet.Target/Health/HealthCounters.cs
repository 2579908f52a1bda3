using System.Diagnostics;

namespace ManagedNvmet.Target.Health;

/// <summary>What the queues of a subsystem have done since the target was started: the source of the SMART / Health Information log
/// page.</summary>
/// <remarks>From any thread. Each queue counts for itself (<see cref="QueueStatistics"/>); the sums are made when somebody reads.</remarks>
public sealed class HealthCounters
{
    private readonly Lock _gate = new();
    private readonly List<QueueStatistics> _queues = [];
    private readonly Dictionary<uint, HealthTotals> _ended = [];
    private readonly TimeProvider _time;
    private readonly long _started;
    private long _busyUntil = long.MinValue;
    private long _busyMilliseconds;

    /// <summary>Begins at zero.</summary>
    /// <param name="maxNamespaces">Highest NSID that is counted: bounds what is kept.</param>
    /// <param name="time">The clock of Power On Hours.</param>
    public HealthCounters(uint maxNamespaces, TimeProvider time)
    {
        MaxNamespaces = maxNamespaces;
        _time = time;
        _started = time.GetTimestamp();
    }

    /// <summary>Highest NSID that is counted.</summary>
    public uint MaxNamespaces { get; }

    /// <summary>Whole hours since the target was started.</summary>
    public ulong PowerOnHours => (ulong)_time.GetElapsedTime(_started).TotalHours;

    /// <summary>Milliseconds in which at least one I/O command was outstanding on any queue.</summary>
    /// <remarks>A command is counted when its response is about to be sent. Overlapping commands of several queues count once. The value
    /// can be too low: if a short command ends on one queue while a longer one runs on another, the time before the short command is not
    /// counted.</remarks>
    public ulong BusyMilliseconds => (ulong)Volatile.Read(ref _busyMilliseconds);

    /// <summary>Adds a queue to the sums.</summary>
    internal void Attach(QueueStatistics queue)
    {
        lock (_gate)
            _queues.Add(queue);
    }

    /// <summary>Removes a queue whose last command has ended. Its counts stay in the sums.</summary>
    internal void Detach(QueueStatistics queue)
    {
        lock (_gate)
        {
            if (!_queues.Remove(queue))
                return;
            for (uint id = 1; id <= queue.HighestNamespaceId; id++)
            {
                HealthTotals totals = queue.ReadHealth(id);
                if (totals != default)
                    _ended[id] = _ended.GetValueOrDefault(id) + totals;
            }
        }
    }

    /// <summary>The sums over all queues, for one namespace.</summary>
    public HealthTotals Read(uint namespaceId)
    {
        lock (_gate)
        {
            HealthTotals sum = _ended.GetValueOrDefault(namespaceId);
            foreach (QueueStatistics queue in _queues)
                sum += queue.ReadHealth(namespaceId);
            return sum;
        }
    }

    /// <summary>The sums over all queues and namespaces, those included that have been removed.</summary>
    public HealthTotals ReadAll()
    {
        lock (_gate)
        {
            HealthTotals sum = default;
            foreach (HealthTotals totals in _ended.Values)
                sum += totals;
            foreach (QueueStatistics queue in _queues)
                sum += queue.ReadHealth();
            return sum;
        }
    }

    /// <summary>A queue had commands outstanding from one time to another, in ticks of <see cref="Stopwatch"/>. From any thread.</summary>
    internal void AddBusy(long from, long to) => AddBusyMilliseconds(Milliseconds(from), Milliseconds(to));

    // Several threads call this for commands that end in the same millisecond. Only the first one writes, so the cache line is written at
    // most 1 000 times a second.
    private void AddBusyMilliseconds(long from, long to)
    {
        long mark = Volatile.Read(ref _busyUntil);
        while (to > mark)
        {
            long seen = Interlocked.CompareExchange(ref _busyUntil, to, mark);
            if (seen == mark)
            {
                Interlocked.Add(ref _busyMilliseconds, to - Math.Max(mark, from));
                return;
            }
            mark = seen;
        }
    }

    private static long Milliseconds(long ticks) => ticks / (Stopwatch.Frequency / 1000);
}
