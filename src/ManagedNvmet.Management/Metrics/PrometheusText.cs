using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace ManagedNvmet.Management.Metrics;

/// <summary>Writes the metrics of a meter in the Prometheus text format (version 0.0.4).</summary>
/// <remarks>The project has its own writer because OpenTelemetry's Prometheus exporter has no stable version, and because other libraries
/// keep counters of their own. This writer reads the meter like any other exporter, so that all exporters report the same
/// values.</remarks>
public static class PrometheusText
{
    /// <summary>Media type of the text.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Reads all instruments of the meter once and returns their values as text.</summary>
    public static string Write(Meter meter)
    {
        var samples = new Dictionary<string, List<(KeyValuePair<string, object?>[] Tags, double Value)>>(StringComparer.Ordinal);
        using (var listener = new MeterListener())
        {
            listener.InstrumentPublished = (instrument, each) =>
            {
                if (instrument.Meter == meter)
                    each.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
            {
                if (!samples.TryGetValue(instrument.Name, out var list))
                    samples.Add(instrument.Name, list = []);
                list.Add((tags.ToArray(), value));
            });
            listener.Start();
            listener.RecordObservableInstruments();
        }
        var text = new StringBuilder();
        foreach (MetricDefinition definition in MetricTable.All)
            WriteFamily(text, definition, samples);
        return text.ToString();
    }

    private static void WriteFamily(
        StringBuilder text,
        MetricDefinition definition,
        Dictionary<string, List<(KeyValuePair<string, object?>[] Tags, double Value)>> samples)
    {
        string name = definition.PrometheusName;
        string type = definition.Kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            _ => "histogram",
        };
        text.Append("# HELP ").Append(name).Append(' ').Append(definition.Help).Append(".\n");
        text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        (string Instrument, string Suffix)[] parts = definition.Kind == MetricKind.Histogram
            ? [(MetricDefinition.BucketSuffix, "_bucket"), (MetricDefinition.SumSuffix, "_sum"), (MetricDefinition.CountSuffix, "_count")]
            : [("", "")];
        foreach ((string instrument, string suffix) in parts)
        {
            foreach ((KeyValuePair<string, object?>[] tags, double value) in samples.GetValueOrDefault(definition.Name + instrument) ?? [])
            {
                text.Append(name).Append(suffix);
                WriteLabels(text, tags);
                text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
            }
        }
    }

    private static void WriteLabels(StringBuilder text, KeyValuePair<string, object?>[] tags)
    {
        if (tags.Length == 0)
            return;
        text.Append('{');
        for (int index = 0; index < tags.Length; index++)
        {
            if (index > 0)
                text.Append(',');
            text.Append(tags[index].Key).Append("=\"");
            foreach (char c in (string)tags[index].Value!)
                text.Append(c switch { '\\' => "\\\\", '"' => "\\\"", '\n' => "\\n", _ => c.ToString() });
            text.Append('"');
        }
        text.Append('}');
    }
}
