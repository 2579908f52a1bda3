using System.Diagnostics.Metrics;
using System.Globalization;
using ManagedNvmet.Reports;

namespace ManagedNvmet.Management.Metrics;

/// <summary>The server's meter: an observable instrument for each row of <see cref="MetricTable"/>. Nothing is counted here; whoever
/// collects makes the sums.</summary>
public sealed class TargetMetrics : IDisposable
{
    // Instruments are collected one after another; those of one collection should be of one moment.
    private static readonly TimeSpan SnapshotLife = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly ITargetView _view;
    private readonly TimeProvider _time;
    private readonly SeriesLimit _series;
    private MetricSnapshot? _snapshot;
    private long _taken;

    /// <param name="view">What is measured.</param>
    /// <param name="series">Bounds the number of series.</param>
    /// <param name="time">For the age of a snapshot.</param>
    public TargetMetrics(ITargetView view, SeriesLimit? series = null, TimeProvider? time = null)
    {
        _view = view;
        _series = series ?? new SeriesLimit();
        _time = time ?? TimeProvider.System;
        Meter = new Meter(new MeterOptions(MetricTable.MeterName) { Version = TargetView.Version });
        foreach (MetricDefinition definition in MetricTable.All)
            Create(definition);
    }

    /// <summary>The meter.</summary>
    public Meter Meter { get; }

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();

    private void Create(MetricDefinition definition)
    {
        switch (definition.Kind)
        {
            case MetricKind.Gauge:
                Meter.CreateObservableGauge(definition.Name, () => Read(definition), definition.Unit, definition.Help);
                break;
            case MetricKind.Counter:
                Meter.CreateObservableCounter(definition.Name, () => Read(definition), definition.Unit, definition.Help);
                break;
            default:
                // There is no observable histogram; these three are what one consists of.
                Meter.CreateObservableCounter(
                    definition.Name + MetricDefinition.BucketSuffix, () => ReadBuckets(definition), "{command}", definition.Help);
                Meter.CreateObservableCounter(
                    definition.Name + MetricDefinition.SumSuffix, () => Read(definition), definition.Unit, definition.Help);
                Meter.CreateObservableCounter(
                    definition.Name + MetricDefinition.CountSuffix, () => ReadCounts(definition), "{command}", definition.Help);
                break;
        }
    }

    private IEnumerable<Measurement<double>> Read(MetricDefinition definition) =>
        Readings(definition).Select(reading => new Measurement<double>(reading.Value, TagsOf(definition, reading)));

    private IEnumerable<Measurement<double>> ReadCounts(MetricDefinition definition) =>
        Readings(definition).Select(reading => new Measurement<double>(reading.Counts!.Sum(each => (double)each), TagsOf(definition,
            reading)));

    private IEnumerable<Measurement<double>> ReadBuckets(MetricDefinition definition)
    {
        foreach (MetricReading reading in Readings(definition))
        {
            double sum = 0;
            for (int index = 0; index < reading.Counts!.Count; index++)
            {
                sum += reading.Counts[index];
                string bound = index < reading.Bounds!.Count ? reading.Bounds[index].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
                yield return new Measurement<double>(
                    sum, [.. TagsOf(definition, reading), new KeyValuePair<string, object?>(MetricDefinition.BoundTag, bound)]);
            }
        }
    }

    private List<MetricReading> Readings(MetricDefinition definition)
    {
        lock (_gate)
        {
            if (_snapshot is null || _time.GetElapsedTime(_taken) > SnapshotLife)
            {
                _snapshot = new MetricSnapshot(_view, _series);
                _taken = _time.GetTimestamp();
            }
            return [.. definition.Read(_snapshot)];
        }
    }

    private static KeyValuePair<string, object?>[] TagsOf(MetricDefinition definition, MetricReading reading)
    {
        var tags = new KeyValuePair<string, object?>[definition.Tags.Count];
        for (int index = 0; index < tags.Length; index++)
            tags[index] = new KeyValuePair<string, object?>(definition.Tags[index], reading.Tags[index]);
        return tags;
    }
}
