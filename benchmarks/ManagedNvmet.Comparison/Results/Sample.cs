using ManagedNvmet.Comparison.Bars;

namespace ManagedNvmet.Comparison.Results;

/// <summary>The figures of one contestant in one round.</summary>
public sealed class Sample
{
    private readonly Dictionary<Metric, double> _values = [];

    /// <summary>What was measured.</summary>
    public IReadOnlyDictionary<Metric, double> Values => _values;

    /// <summary>When the client stopped measuring; null when it does not say.</summary>
    public DateTimeOffset? MeasuredUntil { get; init; }

    /// <summary>Sets a figure; one that is no number was not measured and is left out.</summary>
    public double this[Metric metric]
    {
        set
        {
            if (double.IsFinite(value))
                _values[metric] = value;
        }
    }

    /// <summary>Sets what follows from the processor time that the server used in a second.</summary>
    public void SetProcessorTime(double microsecondsPerSecond)
    {
        if (!_values.TryGetValue(Metric.Iops, out double iops) || iops <= 0 || microsecondsPerSecond <= 0)
            return;
        this[Metric.CpuPerIo] = microsecondsPerSecond / iops;
        this[Metric.IosPerCpuSecond] = iops / microsecondsPerSecond * 1e6;
    }

    /// <summary>The figures that matter, in a line for a person who waits.</summary>
    public string Text => string.Join(", ", _values
        .Where(pair => pair.Key is not (Metric.IosPerCpuSecond or Metric.TailFactor or Metric.Unfairness))
        .Select(pair => $"{MetricText.Value(pair.Key, pair.Value)} {MetricText.Name(pair.Key)}"));
}
