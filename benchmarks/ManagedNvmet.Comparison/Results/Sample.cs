using ManagedNvmet.Comparison.Bars;

namespace ManagedNvmet.Comparison.Results;

/// <summary>Figures of one contestant in one round.</summary>
public sealed class Sample
{
    private readonly Dictionary<Metric, double> _values = [];

    /// <summary>Measured values by metric.</summary>
    public IReadOnlyDictionary<Metric, double> Values => _values;

    /// <summary>Time at which the client stopped measuring (UTC); null when the client does not report it.</summary>
    public DateTimeOffset? MeasuredUntil { get; init; }

    /// <summary>Sets a value. Ignores NaN and infinity, which stand for values that were not measured.</summary>
    public double this[Metric metric]
    {
        set
        {
            if (double.IsFinite(value))
                _values[metric] = value;
        }
    }

    /// <summary>Sets the metrics that depend on the server's CPU time.</summary>
    /// <param name="microsecondsPerSecond">CPU time in µs per second.</param>
    public void SetProcessorTime(double microsecondsPerSecond)
    {
        if (!_values.TryGetValue(Metric.Iops, out double iops) || iops <= 0 || microsecondsPerSecond <= 0)
            return;
        this[Metric.CpuPerIo] = microsecondsPerSecond / iops;
        this[Metric.IosPerCpuSecond] = iops / microsecondsPerSecond * 1e6;
    }

    /// <summary>The most important figures as one line, for the progress output.</summary>
    public string Text => string.Join(", ", _values
        .Where(pair => pair.Key is not (Metric.IosPerCpuSecond or Metric.TailFactor or Metric.Unfairness))
        .Select(pair => $"{MetricText.Value(pair.Key, pair.Value)} {MetricText.Name(pair.Key)}"));
}
