using System.Globalization;
using System.Text.RegularExpressions;
using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Peers;
using ManagedNvmet.Comparison.Results;

namespace ManagedNvmet.Comparison.Clients;

/// <summary>SPDK's spdk_nvme_perf. It always polls.</summary>
public sealed partial class SpdkPerfClient(SpdkTree tree, int seconds) : LoadClient(seconds)
{
    // Without a host NQN, perf sends an empty one, which targets may refuse.
    private const string HostNqn = "nqn.2014-08.org.nvmexpress:uuid:6d6e7661-6765-4e76-8d65-742d70657266";

    /// <inheritdoc/>
    public override async Task<Sample> RunAsync(PeerServer server, Load load, CancellationToken cancellationToken)
    {
        string pattern = (load.IsSequential, load.ReadPercent) switch
        {
            (true, 100) => "read",
            (true, 0) => "write",
            (true, _) => "rw",
            (false, 100) => "randread",
            (false, 0) => "randwrite",
            _ => "randrw",
        };
        List<string> arguments =
        [
            "-q", $"{load.Depth * load.Connections}", "-P", $"{load.Connections}", "-o", $"{load.TransferBytes}", "-w", pattern,
            "-t", $"{Seconds}", "-a", $"{WarmUp}", "-L",
            "-c", $"0x{1 << Machine.ClientCore:x}", "--no-huge", "-s", "1024",
            "-r", $"trtype:TCP adrfam:IPv4 traddr:127.0.0.1 trsvcid:{server.Port} subnqn:{server.Target} hostnqn:{HostNqn}",
        ];
        if (load.ReadPercent is > 0 and < 100)
            arguments.AddRange(["-M", $"{load.ReadPercent}"]);
        if (load.HasDigests)
            arguments.AddRange(["-H", "-I"]);
        await using ChildProcess perf = ChildProcess.Start(tree.Perf, arguments, Machine.ClientCore, tree.Libraries);
        return Read(await perf.WaitAsync(cancellationToken), load.TransferBytes);
    }

    /// <summary>Parses the output of perf.</summary>
    /// <exception cref="ComparisonException">The output contains no line with totals.</exception>
    public static Sample Read(string text, int transferBytes)
    {
        Match total = TotalLine().Match(text);
        if (!total.Success)
            throw new ComparisonException($"SPDK's perf printed no total: {text}");
        double iops = Number(total.Groups[1]);
        return new Sample
        {
            [Metric.Iops] = iops,
            [Metric.BytesPerSecond] = iops * transferBytes,
            [Metric.MeanLatency] = Number(total.Groups[2]),
            [Metric.P99Latency] = Percentile(text, "99.00000"),
            [Metric.TailFactor] = Percentile(text, "99.90000") / Percentile(text, "50.00000"),
        };
    }

    private static double Percentile(string text, string percent) =>
        Regex.Match(text, Regex.Escape(percent) + @"% *: *([\d.]+)us") is { Success: true } match ? Number(match.Groups[1]) : double.NaN;

    private static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^Total +: +([\d.]+) +[\d.]+ +([\d.]+)", RegexOptions.Multiline)]
    private static partial Regex TotalLine();
}
