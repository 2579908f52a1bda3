using System.Diagnostics.Metrics;
using System.Globalization;
using ManagedNvmet.Reports;

namespace ManagedNvmet.Management.Metrics;

/// <summary>The server's meter: observable instruments for each row of <see cref="MetricTable"/>. The instruments count nothing
/// themselves; they read the state of the target when an exporter collects them, on the exporter's thread.</summary>
public sealed class TargetMetrics : IDisposable
{
    // An exporter reads one instrument after another. They share a snapshot, so that one collection shows one moment.
    private static readonly TimeSpan SnapshotMaxAge = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly ITargetView _view;
    private readonly TimeProvider _time;
    private readonly SeriesLimit _series;
    private MetricSnapshot? _snapshot;
    private long _snapshotTimestamp;

    /// <param name="view">Source of the values.</param>
    /// <param name="series">Limits the number of series; the default limit when null.</param>
    /// <param name="time">Clock for the age of a snapshot; the system's when null.</param>
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
                // .NET has no observable histogram, so three counters carry its buckets, its sum and its count.
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
        Readings(definition).Select(
            reading => new Measurement<double>(reading.Counts!.Sum(each => (double)each), TagsOf(definition, reading)));

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
            if (_snapshot is null || _time.GetElapsedTime(_snapshotTimestamp) > SnapshotMaxAge)
            {
                _snapshot = new MetricSnapshot(_view, _series);
                _snapshotTimestamp = _time.GetTimestamp();
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
