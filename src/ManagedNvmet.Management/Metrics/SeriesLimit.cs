using ManagedNvmet.Reports;

namespace ManagedNvmet.Management.Metrics;

/// <summary>Keeps the number of series bounded: hosts times namespaces may be millions. The first rows that do something keep a series of
/// their own, all others are summed in one row a subsystem and operation.</summary>
/// <remarks>Thread-safe. A row that has its own series keeps it, so that counters do not go back.</remarks>
public sealed class SeriesLimit
{
    /// <summary>Rows that have a series of their own.</summary>
    public const int DefaultCapacity = 1000;

    /// <summary>What stands for the host of a row of sums.</summary>
    public const string Others = "(other)";

    /// <summary>NSID of a row of sums.</summary>
    public const uint NoNamespace = 0;

    private readonly Lock _gate = new();
    private readonly HashSet<(string? Host, string Subsystem, uint Namespace, BlockOperation Operation)> _admitted = [];
    private readonly int _capacity;

    /// <param name="capacity">Rows that have a series of their own.</param>
    public SeriesLimit(int capacity = DefaultCapacity) => _capacity = capacity;

    /// <summary>The rows that did something, those beyond the limit summed.</summary>
    public IReadOnlyList<IoStatistics> Apply(IReadOnlyList<IoStatistics> rows)
    {
        var kept = new List<IoStatistics>();
        var sums = new Dictionary<(string Subsystem, BlockOperation Operation), IoStatistics>();
        lock (_gate)
        {
            foreach (IoStatistics row in rows)
            {
                var key = (row.HostNqn, row.SubsystemNqn, row.NamespaceId, row.Operation);
                if (_admitted.Contains(key) || (_admitted.Count < _capacity && row.Commands > 0 && _admitted.Add(key)))
                    kept.Add(row);
                else if (row.Commands > 0)
                    sums[(row.SubsystemNqn, row.Operation)] = Sum(sums.GetValueOrDefault((row.SubsystemNqn, row.Operation)), row);
            }
        }
        kept.AddRange(sums.Values);
        return kept;
    }

    private static IoStatistics Sum(IoStatistics? sum, IoStatistics row) => sum is null
        ? row with { HostNqn = Others, NamespaceId = NoNamespace }
        : sum with
        {
            Commands = sum.Commands + row.Commands,
            Failures = sum.Failures + row.Failures,
            Bytes = sum.Bytes + row.Bytes,
            LatencyMicroseconds = sum.LatencyMicroseconds + row.LatencyMicroseconds,
            LatencyBuckets = [.. sum.LatencyBuckets.Zip(row.LatencyBuckets, (left, right) => left + right)],
        };
}
