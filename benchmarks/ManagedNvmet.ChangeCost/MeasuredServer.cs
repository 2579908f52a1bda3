using System.Diagnostics;
using System.Globalization;
using System.Net;
using ManagedNvmet.Configuration;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.LoadGenerator;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.ChangeCost;

/// <summary>A server in this process. The benchmark reads from it over one connection while it changes other objects of the
/// server.</summary>
internal sealed class MeasuredServer : IAsyncDisposable
{
    private const int Depth = 8;
    private const double WarmUpSeconds = 1;

    private readonly string _folder;
    private readonly NvmetServer _server;
    private readonly double _seconds;
    private readonly int _pauseMilliseconds;

    private MeasuredServer(string folder, NvmetServer server, double seconds, int pauseMilliseconds)
    {
        _folder = folder;
        _server = server;
        _seconds = seconds;
        _pauseMilliseconds = pauseMilliseconds;
    }

    /// <summary>Starts a server with one shard on a free port of the loopback interface.</summary>
    /// <param name="isLarge">True for 10 000 other namespaces.</param>
    /// <param name="seconds">Duration of each measurement in seconds.</param>
    /// <param name="pauseMilliseconds">Pause between two changes in milliseconds.</param>
    public static async Task<MeasuredServer> StartAsync(bool isLarge, double seconds, int pauseMilliseconds)
    {
        string folder = Directory.CreateTempSubdirectory("nvme-change-cost-").FullName;
        string file = Path.Combine(folder, "config.json");
        ConfigurationFile.Save(file, TestTarget.Make(isLarge));
        var options = new NvmetServerOptions
        {
            ConfigurationPath = file,
            WatchesConfiguration = false,
            StateFolder = folder,
            ShardCount = 1,
            Shard = new ShardOptions { BufferBytes = 4 * 1024 * 1024 },
        };
        var server = new NvmetServer(options, NullLoggerFactory.Instance);
        await server.StartAsync(CancellationToken.None);
        return new MeasuredServer(folder, server, seconds, pauseMilliseconds);
    }

    /// <summary>Measures reads while the change is applied and reverted repeatedly.</summary>
    /// <returns>The row of the table.</returns>
    public async Task<string> MeasureAsync(ChangeScenario scenario, CancellationToken cancellationToken)
    {
        IPEndPoint endPoint = _server.EndPoints[0];
        var arguments = new LoadArguments
        {
            Target = new TargetAddress(endPoint.Address.ToString(), endPoint.Port),
            SubsystemNqn = TestTarget.Measured,
            QueueDepth = Depth,
            Seconds = _seconds,
            WarmUpSeconds = WarmUpSeconds,
            Quiet = true,
        };
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<List<double>> changes = ChangeAsync(scenario, end.Token);
        TimeSpan pausesBefore = GC.GetTotalPauseDuration();
        LoadResult result = await LoadRun.RunAsync(arguments, cancellationToken);
        await end.CancelAsync();
        List<double> milliseconds = await changes;
        double pauses = (GC.GetTotalPauseDuration() - pausesBefore).TotalMilliseconds;
        if (result.Errors != 0 || result.Latency is not { } latency)
            throw new InvalidOperationException($"{result.Errors} reads failed: {result.FirstError}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {scenario.Name} | {milliseconds.Count} | {milliseconds.DefaultIfEmpty(0).Average():0.0} | {result.Iops:0} "
            + $"| {latency.P50Microseconds:0} | {latency.P99Microseconds:0} | {latency.P999Microseconds:0} | {latency.MaxMicroseconds:0} "
            + $"| {pauses:0.0} |");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // Returns the duration of each change in milliseconds. The server has its initial configuration at the end.
    private async Task<List<double>> ChangeAsync(ChangeScenario scenario, CancellationToken cancellationToken)
    {
        var milliseconds = new List<double>();
        if (scenario.Change is not { } change)
            return milliseconds;
        TargetConfiguration first = _server.Configuration;
        TargetConfiguration other = change(first);
        string file = Path.Combine(_folder, "config.json");

        // Serializes both configurations before the measurement, because only the reload is measured.
        (TargetConfiguration Wanted, string Text)[] turns =
            [(other, ConfigurationFile.Write(other)), (first, ConfigurationFile.Write(first))];
        while (!cancellationToken.IsCancellationRequested)
        {
            foreach ((TargetConfiguration wanted, string text) in turns)
            {
                if (scenario.IsReloaded)
                    await File.WriteAllTextAsync(file, text, CancellationToken.None);
                long begin = Stopwatch.GetTimestamp();
                ApplyResult? result = scenario.IsReloaded
                    ? await _server.ReloadAsync(CancellationToken.None)
                    : await _server.ApplyAsync(wanted, null, CancellationToken.None);
                if (result is not { Outcome: ApplyOutcome.Applied })
                    throw new InvalidOperationException($"{scenario.Name}: {result?.Outcome} {result?.Reason}");
                milliseconds.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
                await Task.Delay(_pauseMilliseconds, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        return milliseconds;
    }
}
