using System.Globalization;
using System.Text;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Formats a result as text for a person.</summary>
public static class ResultTable
{
    /// <summary>Returns the result as several lines of text.</summary>
    public static string Of(LoadResult result)
    {
        LoadDescription load = result.Load;
        var text = new StringBuilder();
        string mode = load.Rate is { } rate
            ? Format($"open loop at {rate:0.###} IOPS, at most {load.QueueDepth}")
            : Format($"depth {load.QueueDepth}");
        text.Append(Format($"{load.ReadPercent}% reads, {load.Pattern}, {load.TransferBytes} bytes, {mode} x {load.Queues} queues"));
        text.Append(load.HeaderDigest ? ", header digests" : "").Append(load.DataDigest ? ", data digests" : "");
        text.AppendLine(Format($", {load.Seconds:0.##} s{(result.Interrupted ? " (interrupted)" : "")}"));
        text.AppendLine(Format($"  IOPS        {result.Iops,12:0}"));
        text.AppendLine(Format($"  MB/s        {result.BytesPerSecond / 1e6,12:0.0}"));
        if (result.ServerCpuMicrosecondsPerIo is { } server)
            text.AppendLine(Format($"  server CPU  {server,12:0.00} µs per command"));
        text.AppendLine(Format($"  client CPU  {result.ClientCpuMicrosecondsPerIo,12:0.00} µs per command"));
        if (result.QueueIops.Count > 1)
            text.AppendLine(Format($"  queues      {result.QueueIops.Min(),12:0} to {result.QueueIops.Max():0} IOPS each"));
        text.AppendLine();
        text.AppendLine("  latency µs       min      mean       p50       p90       p99     p99.9    p99.99       max");
        Row(text, "all", result.Latency);
        if (result.ReadLatency is not null && result.WriteLatency is not null)
        {
            Row(text, "reads", result.ReadLatency);
            Row(text, "writes", result.WriteLatency);
        }
        if (load.Verify)
            text.AppendLine().AppendLine(Format($"  verified    {result.VerifiedBlocks,12} blocks, {result.VerificationFailures} wrong"));
        foreach (string message in result.VerificationMessages)
            text.Append("    ").AppendLine(message);
        if (result.Errors > 0)
            text.AppendLine().AppendLine(Format($"  errors      {result.Errors,12}; the first: {result.FirstError}"));
        return text.ToString();
    }

    private static void Row(StringBuilder text, string name, LatencySummary? latency)
    {
        text.Append(Format($"  {name,-10}"));
        if (latency is null)
        {
            text.AppendLine("         -");
            return;
        }
        double[] values =
        [
            latency.MinMicroseconds, latency.MeanMicroseconds, latency.P50Microseconds, latency.P90Microseconds, latency.P99Microseconds,
            latency.P999Microseconds, latency.P9999Microseconds, latency.MaxMicroseconds,
        ];
        foreach (double value in values)
            text.Append(Format($"{value,10:0.0}"));
        text.AppendLine();
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
