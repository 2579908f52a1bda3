using System.Text.Json;
using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Peers;
using ManagedNvmet.Comparison.Results;

namespace ManagedNvmet.Comparison.Clients;

/// <summary>fio with its nbd engine, for NBD servers.</summary>
public sealed class FioClient(int seconds) : LoadClient(seconds)
{
    /// <inheritdoc/>
    public override async Task<Sample> RunAsync(PeerServer server, Load load, CancellationToken cancellationToken)
    {
        IEnumerable<string> arguments = Arguments(load, Seconds).Concat(["--ioengine=nbd", $"--uri={server.Target}"]);
        return Read(await ChildProcess.RunAsync("fio", arguments, Machine.ClientCore, cancellationToken));
    }

    /// <summary>Returns the arguments that do not depend on the engine.</summary>
    public static IEnumerable<string> Arguments(Load load, int seconds)
    {
        string pattern = (load.IsSequential ? "" : "rand") + (load.ReadPercent switch { 100 => "read", 0 => "write", _ => "rw" });
        return
        [
            "--name=compare", "--output-format=json", $"--rw={pattern}", $"--rwmixread={load.ReadPercent}", $"--bs={load.TransferBytes}",
            $"--iodepth={load.Depth}", "--time_based=1", $"--ramp_time={WarmUp}", $"--runtime={seconds}", $"--size={BackingFiles.Size}",
        ];
    }

    /// <summary>Parses fio's JSON result.</summary>
    public static Sample Read(string json)
    {
        // fio may print a warning before the JSON.
        using JsonDocument document = JsonDocument.Parse(json[Math.Max(0, json.IndexOf('{', StringComparison.Ordinal))..]);
        JsonElement job = document.RootElement.GetProperty("jobs")[0];
        if (job.GetProperty("error").GetInt32() is not 0 and int error)
            throw new ComparisonException($"fio ended with error {error}");
        JsonElement[] directions = [.. new[] { "read", "write" }.Select(name => job.GetProperty(name)).Where(part => Iops(part) > 0)];
        double iops = directions.Sum(Iops);
        var sample = new Sample
        {
            [Metric.Iops] = iops,
            [Metric.BytesPerSecond] = directions.Sum(part => part.GetProperty("bw_bytes").GetDouble()),
            [Metric.MeanLatency] = directions.Sum(part => MeanNanoseconds(part) * Iops(part)) / iops / 1000,
        };
        if (directions is [{ } only] && only.GetProperty("clat_ns").TryGetProperty("percentile", out JsonElement percentiles))
        {
            sample[Metric.P99Latency] = percentiles.GetProperty("99.000000").GetDouble() / 1000;
            sample[Metric.TailFactor] = percentiles.GetProperty("99.900000").GetDouble() / percentiles.GetProperty("50.000000").GetDouble();
        }
        return sample;
    }

    private static double MeanNanoseconds(JsonElement direction) => direction.GetProperty("lat_ns").GetProperty("mean").GetDouble();

    private static double Iops(JsonElement direction) => direction.GetProperty("iops").GetDouble();
}
