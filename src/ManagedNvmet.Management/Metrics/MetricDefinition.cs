namespace ManagedNvmet.Management.Metrics;

/// <summary>One metric: a row of the table from which instruments, exports, documents and dashboards come.</summary>
/// <param name="Name">Its name in the style of OpenTelemetry: lower case, parts between dots.</param>
/// <param name="Kind">How its values behave.</param>
/// <param name="Unit">UCUM unit: <c>By</c>, <c>s</c>, or what is counted in braces.</param>
/// <param name="Tags">The names of its tags, in their order; their values come from closed sets.</param>
/// <param name="Help">What it says, in a sentence without an end.</param>
/// <param name="Read">Its values at the moment.</param>
public sealed record MetricDefinition(
    string Name, MetricKind Kind, string Unit, IReadOnlyList<string> Tags, string Help, Func<MetricSnapshot,
        IEnumerable<MetricReading>> Read)
{
    /// <summary>Ending of the instrument that carries the buckets of a histogram.</summary>
    public const string BucketSuffix = ".bucket";

    /// <summary>Ending of the instrument that carries the sum of a histogram.</summary>
    public const string SumSuffix = ".sum";

    /// <summary>Ending of the instrument that carries the count of a histogram.</summary>
    public const string CountSuffix = ".count";

    /// <summary>Tag of the upper bound of a bucket.</summary>
    public const string BoundTag = "le";

    /// <summary>Its name for Prometheus: underscores, the unit, and <c>_total</c> for a counter.</summary>
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
