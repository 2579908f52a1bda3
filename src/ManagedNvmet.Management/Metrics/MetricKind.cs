namespace ManagedNvmet.Management.Metrics;

/// <summary>How the values of a metric behave.</summary>
public enum MetricKind
{
    /// <summary>Only grows, until the server starts again.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Counts by size: buckets with upper bounds, a sum and a count.</summary>
    Histogram,
}
