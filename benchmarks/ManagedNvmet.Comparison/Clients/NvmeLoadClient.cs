using System.Globalization;
using System.Text.Json;
using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Peers;
using ManagedNvmet.Comparison.Results;

namespace ManagedNvmet.Comparison.Clients;

/// <summary>The load generator of this repository.</summary>
public sealed class NvmeLoadClient(string program, string folder, int seconds) : LoadClient(seconds)
{
    /// <inheritdoc/>
    public override async Task<Sample> RunAsync(PeerServer server, Load load, CancellationToken cancellationToken)
    {
        string file = Path.Combine(folder, "nvme-load.json");
        List<string> arguments =
        [
            $"127.0.0.1:{server.Port}", server.Target, "--quiet", "--json", file,
            "--size", Text(load.TransferBytes), "--depth", Text(load.Depth), "--queues", Text(load.Connections),
            "--read-percent", Text(load.ReadPercent), "--pattern", load.IsSequential ? "sequential" : "random",
            "--seconds", Text(Seconds), "--warm-up", Text(WarmUp),
        ];
        if (load.HasDigests)
            arguments.AddRange(["--header-digest", "--data-digest"]);
        if (load.IsSpinning)
            arguments.Add("--spin");
        await ChildProcess.RunAsync(program, arguments, Machine.ClientCore, cancellationToken);

        using JsonDocument document = JsonDocument.Parse(await File.ReadAllBytesAsync(file, cancellationToken));
        JsonElement root = document.RootElement;
        if (root.GetProperty("errors").GetInt64() is > 0 and long errors)
            throw new ComparisonException($"{errors} commands failed");
        JsonElement latency = root.GetProperty("latency");
        double[] queues = [.. root.GetProperty("queueIops").EnumerateArray().Select(queue => queue.GetDouble())];
        return new Sample
        {
            [Metric.Iops] = root.GetProperty("iops").GetDouble(),
            [Metric.BytesPerSecond] = root.GetProperty("bytesPerSecond").GetDouble(),
            [Metric.MeanLatency] = latency.GetProperty("meanMicroseconds").GetDouble(),
            [Metric.P99Latency] = latency.GetProperty("p99Microseconds").GetDouble(),
            [Metric.TailFactor] = latency.GetProperty("p999Microseconds").GetDouble() / latency.GetProperty("p50Microseconds").GetDouble(),
            [Metric.Unfairness] = queues.Max() / queues.Min(),
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
