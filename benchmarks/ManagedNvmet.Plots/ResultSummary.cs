using System.Globalization;
using System.Text;
using ManagedNvmet.LoadGenerator;

namespace ManagedNvmet.Plots;

/// <summary>Writes results as a Markdown table for the documentation.</summary>
public static class ResultSummary
{
    /// <summary>Returns a table with the medians of the rounds.</summary>
    public static string Of(ResultSet results)
    {
        var text = new StringBuilder();
        text.Append("| Target | Load | Rounds | IOPS | lowest to highest | server CPU µs | client CPU µs ");
        text.AppendLine("| mean µs | p99 µs | Errors |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (ResultPoint point in results.Points)
        {
            string server = point.Median(result => result.ServerCpuMicrosecondsPerIo) is { } cpu ? Format($"{cpu:0.00}") : "–";
            text.Append(Format($"| {point.Label} | {Describe(point.Load)} | {point.Rounds.Count} "));
            text.Append(Format($"| {point.Median(result => result.Iops):0} | {point.Rounds[0].Iops:0} to {point.Rounds[^1].Iops:0} "));
            text.Append(Format($"| {server} | {point.Median(result => result.ClientCpuMicrosecondsPerIo):0.00} "));
            text.Append(Format($"| {point.Median(result => result.Latency?.MeanMicroseconds):0.0} "));
            text.Append(Format($"| {point.Median(result => result.Latency?.P99Microseconds):0.0} "));
            text.AppendLine(Format($"| {point.Rounds.Sum(result => result.Errors + result.VerificationFailures)} |"));
        }
        return text.ToString();
    }

    private static string Describe(LoadDescription load)
    {
        string size = load.TransferBytes % 1024 == 0 ? Format($"{load.TransferBytes / 1024} KiB") : Format($"{load.TransferBytes} B");
        string kind = load.ReadPercent switch { 100 => "read", 0 => "write", _ => Format($"{load.ReadPercent}/{100 - load.ReadPercent}") };
        string digests = (load.HeaderDigest, load.DataDigest) switch
        {
            (true, true) => ", digests",
            (false, false) => "",
            _ => ", one digest",
        };
        string rate = load.Rate is { } perSecond ? Format($", {perSecond:0} per second") : "";
        string polling = load.Spin ? ", polling" : "";
        return Format($"{size} {load.Pattern} {kind}, depth {load.QueueDepth} x {load.Queues}{digests}{rate}{polling}");
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
