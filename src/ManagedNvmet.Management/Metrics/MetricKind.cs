namespace ManagedNvmet.Management.Metrics;

/// <summary>The kinds of metrics.</summary>
public enum MetricKind
{
    /// <summary>A value that only increases. A restart of the server resets it.</summary>
    Counter,

    /// <summary>A value that increases and decreases.</summary>
    Gauge,

    /// <summary>A distribution: counts of values in buckets with upper bounds, their sum, and their number.</summary>
    Histogram,
}
