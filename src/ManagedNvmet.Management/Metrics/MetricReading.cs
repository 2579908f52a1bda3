namespace ManagedNvmet.Management.Metrics;

/// <summary>One series of a metric: its tags and its current value, or its histogram.</summary>
/// <param name="Tags">Values of the tags, in the order of <see cref="MetricDefinition.Tags"/>.</param>
/// <param name="Value">The value in the metric's unit; for a histogram, the sum of all recorded values.</param>
/// <param name="Bounds">Upper bounds of a histogram's buckets in the metric's unit, ascending; otherwise null.</param>
/// <param name="Counts">Number of values in each bucket of a histogram. It has one element more than <paramref name="Bounds"/>: the last
/// counts the values above the highest bound. Otherwise null.</param>
public readonly record struct MetricReading(
    string[] Tags, double Value, IReadOnlyList<double>? Bounds = null, IReadOnlyList<ulong>? Counts = null);
