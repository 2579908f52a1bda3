using System.Globalization;
using System.Text.Json;
using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Peers;
using ManagedNvmet.Comparison.Results;

namespace ManagedNvmet.Comparison.Clients;

/// <summary>nvme-load, the load generator of this repository.</summary>
public sealed class NvmeLoadClient(string program, string folder, int seconds) : LoadClient(seconds)
{
    private const int MaxQueuesPerHost = 128;

    /// <inheritdoc/>
    public override async Task<Sample> RunAsync(PeerServer server, Load load, CancellationToken cancellationToken)
    {
        // Targets limit the number of queues per host, so that many connections need several hosts at the same time.
        int hosts = (load.Connections + MaxQueuesPerHost - 1) / MaxQueuesPerHost;
        JsonElement[] results = await Task.WhenAll(
            Enumerable.Range(0, hosts).Select(host => RunHostAsync(server, load, host, hosts, cancellationToken)));
        double iops = results.Sum(Iops);
        double[] queues =
            [.. results.SelectMany(result => result.GetProperty("queueIops").EnumerateArray()).Select(queue => queue.GetDouble())];
        return new Sample
        {
            [Metric.Iops] = iops,
            [Metric.BytesPerSecond] = results.Sum(result => result.GetProperty("bytesPerSecond").GetDouble()),
            [Metric.MeanLatency] = results.Sum(result => Latency(result, "mean") * Iops(result)) / iops,
            [Metric.P99Latency] = results.Max(result => Latency(result, "p99")),
            [Metric.TailFactor] = results.Max(result => Latency(result, "p999") / Latency(result, "p50")),
            [Metric.Unfairness] = queues.Max() / queues.Min(),
            MeasuredUntil = results.Min(result => result.GetProperty("load").GetProperty("measuredUntil").GetDateTimeOffset()),
        };
    }

    private async Task<JsonElement> RunHostAsync(PeerServer server, Load load, int host, int hosts, CancellationToken cancellationToken)
    {
        string file = Path.Combine(folder, $"nvme-load-{host}.json");
        List<string> arguments =
        [
            $"127.0.0.1:{server.Port}", server.Target, "--quiet", "--json", file,
            "--size", Text(load.TransferBytes), "--depth", Text(load.Depth), "--queues", Text(load.Connections / hosts),
            "--read-percent", Text(load.ReadPercent), "--pattern", load.IsSequential ? "sequential" : "random",
            "--seconds", Text(Seconds), "--warm-up", Text(WarmUp),
        ];
        if (load.HasDigests)
            arguments.AddRange(["--header-digest", "--data-digest"]);
        if (load.IsSpinning)
            arguments.Add("--spin");
        await ChildProcess.RunAsync(program, arguments, Machine.ClientCore, cancellationToken);

        JsonElement result = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllBytesAsync(file, cancellationToken));
        if (result.GetProperty("errors").GetInt64() is > 0 and long errors)
            throw new ComparisonException($"{errors} commands failed");
        return result.GetProperty("latency").ValueKind == JsonValueKind.Null
            ? throw new ComparisonException("no command completed during the measurement")
            : result;
    }

    private static double Iops(JsonElement result) => result.GetProperty("iops").GetDouble();

    private static double Latency(JsonElement result, string name) =>
        result.GetProperty("latency").GetProperty(name + "Microseconds").GetDouble();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
