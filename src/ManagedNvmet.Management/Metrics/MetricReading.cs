namespace ManagedNvmet.Management.Metrics;

/// <summary>One value of a metric, or the counts of a histogram.</summary>
/// <param name="Tags">Values of the tags, in the order of the definition.</param>
/// <param name="Value">The value; the sum of a histogram.</param>
/// <param name="Bounds">Upper bounds of a histogram's buckets, ascending; otherwise empty.</param>
/// <param name="Counts">Its counts, one more than bounds, the last for what is larger; otherwise empty.</param>
public readonly record struct MetricReading(
    string[] Tags, double Value, IReadOnlyList<double>? Bounds = null, IReadOnlyList<ulong>? Counts = null);
