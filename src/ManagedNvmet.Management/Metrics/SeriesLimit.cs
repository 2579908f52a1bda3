using ManagedNvmet.Reports;

namespace ManagedNvmet.Management.Metrics;

/// <summary>Limits the number of series, since hosts × namespaces may be millions. The first <see cref="DefaultCapacity"/> rows with a
/// command get a series of their own. All other rows are summed: one series per subsystem and operation.</summary>
/// <remarks>Thread-safe. A row keeps its series until the process ends, so that no counter decreases.</remarks>
public sealed class SeriesLimit
{
    /// <summary>Default number of rows that get a series of their own.</summary>
    public const int DefaultCapacity = 1000;

    /// <summary>Host and namespace tag of a summed row.</summary>
    public const string Others = "(other)";

    /// <summary>Namespace identifier of a summed row; no namespace has it.</summary>
    public const uint NoNamespace = 0;

    private readonly Lock _gate = new();
    private readonly HashSet<(string? Host, string Subsystem, uint Namespace, BlockOperation Operation)> _admitted = [];
    private readonly int _capacity;

    /// <param name="capacity">Number of rows that get a series of their own.</param>
    public SeriesLimit(int capacity = DefaultCapacity) => _capacity = capacity;

    /// <summary>Returns the rows with at least one command. Rows beyond the limit are summed.</summary>
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
