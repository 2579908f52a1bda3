using System.Globalization;

namespace ManagedNvmet.Comparison.Bars;

/// <summary>Names and number formats of the metrics.</summary>
public static class MetricText
{
    /// <summary>Returns the name of a metric with its unit.</summary>
    public static string Name(Metric metric) => metric switch
    {
        Metric.Iops => "IOPS",
        Metric.BytesPerSecond => "MB/s",
        Metric.CpuPerIo => "CPU µs per command",
        Metric.IosPerCpuSecond => "commands per CPU-second",
        Metric.MeanLatency => "mean latency µs",
        Metric.P99Latency => "p99 latency µs",
        Metric.TailFactor => "p99.9 ÷ p50",
        Metric.Unfairness => "fastest ÷ slowest connection",
        Metric.AllocatedPerIo => "bytes allocated per command",
        Metric.Collections => "gen-0 collections",
        Metric.IdleCpuPercent => "idle CPU %",
        Metric.ResidentMebibytes => "RSS MiB",
        Metric.AddedMebibytes => "RSS MiB added",
        Metric.StartMilliseconds => "ms",
        _ => throw new ArgumentOutOfRangeException(nameof(metric)),
    };

    /// <summary>Formats a value with about three significant digits.</summary>
    public static string Value(Metric metric, double value)
    {
        double shown = metric == Metric.BytesPerSecond ? value / 1e6 : value;
        string format = Math.Abs(shown) >= 1000 ? "N0" : Math.Abs(shown) >= 100 ? "0" : Math.Abs(shown) >= 10 ? "0.0" : "0.00";
        return shown.ToString(format, CultureInfo.InvariantCulture);
    }
}
