using System.Globalization;
using System.Text.RegularExpressions;
using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Peers;
using ManagedNvmet.Comparison.Results;

namespace ManagedNvmet.Comparison.Clients;

/// <summary>libiscsi's iscsi-perf, for iSCSI servers. It only reads, and reports only commands per second. The mean latency is computed
/// from these and the depth.</summary>
public sealed partial class IscsiPerfClient(int seconds) : LoadClient(seconds)
{
    /// <inheritdoc/>
    public override async Task<Sample> RunAsync(PeerServer server, Load load, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "-m", $"{load.Depth}", "-b", $"{load.TransferBytes / TgtPeer.BlockSize}", "-t", $"{Seconds + WarmUp}", "-r", server.Target,
        ];
        return Read(await ChildProcess.RunAsync("iscsi-perf", arguments, Machine.ClientCore, cancellationToken), load);
    }

    /// <summary>Parses the output of iscsi-perf. The last average covers the whole run.</summary>
    /// <exception cref="ComparisonException">The output contains no average.</exception>
    public static Sample Read(string text, Load load)
    {
        MatchCollection averages = AverageText().Matches(text);
        if (averages.Count == 0)
            throw new ComparisonException($"iscsi-perf printed no average: {text}");
        double iops = double.Parse(averages[^1].Groups[1].Value, CultureInfo.InvariantCulture);
        return new Sample
        {
            [Metric.Iops] = iops,
            [Metric.BytesPerSecond] = iops * load.TransferBytes,
            [Metric.MeanLatency] = load.Depth / iops * 1e6,
        };
    }

    [GeneratedRegex(@"iops average (\d+)")]
    private static partial Regex AverageText();
}
