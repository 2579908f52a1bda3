namespace ManagedNvmet.Management.Metrics;

/// <summary>One metric: a row of <see cref="MetricTable"/>, from which instruments, exports, documents and dashboards are
/// generated.</summary>
/// <param name="Name">OpenTelemetry name: lower case, parts separated by dots.</param>
/// <param name="Kind">Counter, gauge or histogram.</param>
/// <param name="Unit">UCUM unit: <c>By</c>, <c>s</c>, or the counted object in braces.</param>
/// <param name="Tags">Names of the tags. Each tag has a closed set of values.</param>
/// <param name="Help">Description of the metric, without a full stop at its end.</param>
/// <param name="Read">Reads the current values from a snapshot.</param>
public sealed record MetricDefinition(
    string Name,
    MetricKind Kind,
    string Unit,
    IReadOnlyList<string> Tags,
    string Help,
    Func<MetricSnapshot, IEnumerable<MetricReading>> Read)
{
    /// <summary>Suffix of the instrument that carries the buckets of a histogram.</summary>
    public const string BucketSuffix = ".bucket";

    /// <summary>Suffix of the instrument that carries the sum of a histogram.</summary>
    public const string SumSuffix = ".sum";

    /// <summary>Suffix of the instrument that carries the count of a histogram.</summary>
    public const string CountSuffix = ".count";

    /// <summary>Name of the tag that carries the upper bound of a bucket.</summary>
    public const string BoundTag = "le";

    /// <summary>Prometheus name: parts separated by underscores, followed by the unit, and by <c>_total</c> for a counter.</summary>
    public string PrometheusName
    {
        get
        {
            string name = Name.Replace('.', '_');
            string unit = Unit switch { "By" => "_bytes", "s" => "_seconds", _ => "" };
            if (!name.EndsWith(unit, StringComparison.Ordinal))
                name += unit;
            return Kind == MetricKind.Counter ? name + "_total" : name;
        }
    }
}
