using System.Globalization;
using System.Text;
using ManagedNvmet.LoadGenerator;

namespace ManagedNvmet.Plots;

/// <summary>Results as a table that a page of documentation takes as it is.</summary>
public static class ResultSummary
{
    /// <summary>Medians over the rounds, in Markdown.</summary>
    public static string Of(ResultSet results)
    {
        var text = new StringBuilder();
        text.AppendLine("| Target | Load | Rounds | IOPS | lowest to highest | server CPU µs | client CPU µs | mean µs | p99 µs | Errors |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (ResultPoint point in results.Points)
        {
            string server = point.Median(result => result.ServerCpuMicrosecondsPerIo) is { } cpu ? Format($"{cpu:0.00}") : "–";
            text.AppendLine(Format(
                $"| {point.Label} | {Describe(point.Load)} | {point.Rounds.Count} | {point.Median(result => result.Iops):0} | {point.Rounds[0].Iops:0} to {point.Rounds[^1].Iops:0} | {server} | {point.Median(result => result.ClientCpuMicrosecondsPerIo):0.00} | {point.Median(result => result.Latency?.MeanMicroseconds):0.0} | {point.Median(result => result.Latency?.P99Microseconds):0.0} | {point.Rounds.Sum(result => result.Errors + result.VerificationFailures)} |"));
        }
        return text.ToString();
    }

    private static string Describe(LoadDescription load)
    {
        string size = load.TransferBytes % 1024 == 0 ? Format($"{load.TransferBytes / 1024} KiB") : Format($"{load.TransferBytes} B");
        string kind = load.ReadPercent switch { 100 => "read", 0 => "write", _ => Format($"{load.ReadPercent}/{100 - load.ReadPercent}") };
        string digests = (load.HeaderDigest, load.DataDigest) switch { (true, true) => ", digests", (false, false) => "", _ => ", one digest" };
        string rate = load.Rate is { } perSecond ? Format($", {perSecond:0} a second") : "";
        return Format($"{size} {load.Pattern} {kind}, depth {load.QueueDepth} x {load.Queues}{digests}{rate}{(load.Spin ? ", polling" : "")}");
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
