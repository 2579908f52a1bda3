using System.Text.Json;
using Xunit;

namespace ManagedNvmet.LoadGenerator.Tests;

public sealed class RunTests
{
    [Theory]
    [InlineData(100, false, 1)]
    [InlineData(0, true, 2)]
    [InlineData(50, false, 3)]
    public async Task A_closed_loop_measures_every_queue(int readPercent, bool isSequential, int queues)
    {
        await using TestTarget target = await TestTarget.StartAsync("mem:16M");

        LoadResult result = await LoadRun.RunAsync(
            target.Arguments with { ReadPercent = readPercent, IsSequential = isSequential, Queues = queues, Shards = Math.Min(queues, 2) },
            CancellationToken.None);

        Assert.Equal((0L, 0L), (result.Errors, result.VerificationFailures));
        Assert.Equal(queues, result.QueueIops.Count);
        Assert.All(result.QueueIops, iops => Assert.True(iops > 0));
        Assert.Equal(result.Iops, result.QueueIops.Sum(), tolerance: 1.0);
        Assert.Equal(readPercent > 0, result.ReadLatency is not null);
        Assert.Equal(readPercent < 100, result.WriteLatency is not null);
        Assert.True(result.Latency!.MinMicroseconds <= result.Latency.P50Microseconds);
        Assert.True(result.Latency.P9999Microseconds <= result.Latency.MaxMicroseconds);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task What_was_written_is_read_back_and_a_later_run_finds_it(int queues, bool digests)
    {
        await using TestTarget target = await TestTarget.StartAsync("mem:1M");
        LoadArguments arguments = target.Arguments with { Verify = true, Queues = queues, HeaderDigest = digests, DataDigest = digests };

        LoadResult written = await LoadRun.RunAsync(
            arguments with { ReadPercent = 0, IsSequential = true, Seconds = 0.5 }, CancellationToken.None);
        LoadResult mixed = await LoadRun.RunAsync(arguments with { ReadPercent = 50 }, CancellationToken.None);
        LoadResult read = await LoadRun.RunAsync(arguments, CancellationToken.None);
        LoadResult otherSeed = await LoadRun.RunAsync(arguments with { Seed = 2 }, CancellationToken.None);

        Assert.All([written, mixed, read], result => Assert.Equal((0L, 0L), (result.Errors, result.VerificationFailures)));
        Assert.All([written, mixed, read], result => Assert.True(result.VerifiedBlocks > 0));
        Assert.Equal(otherSeed.VerifiedBlocks, otherSeed.VerificationFailures);
        Assert.Contains("seed 2, any generation; found address", otherSeed.VerificationMessages[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_forgets_is_found_out()
    {
        await using TestTarget target = await TestTarget.StartAsync("null:1M");

        LoadResult result = await LoadRun.RunAsync(target.Arguments with { Verify = true, ReadPercent = 50 }, CancellationToken.None);

        Assert.True(result.VerificationFailures > 0);
        Assert.Equal(0, result.Errors);
        Assert.InRange(result.VerificationMessages.Count, 1, 10);
    }

    [Fact]
    public async Task Commands_that_fail_are_counted_and_the_first_is_told()
    {
        await using TestTarget target = await TestTarget.StartAsync(new NamespaceOptions { Device = new FailingDevice() });

        LoadResult result = await LoadRun.RunAsync(target.Arguments, CancellationToken.None);

        Assert.True(result.Errors > 0);
        Assert.Equal(0, result.Iops);
        Assert.Null(result.Latency);
        Assert.StartsWith("Read of 8 blocks from ", result.FirstError, StringComparison.Ordinal);
        Assert.EndsWith($"status {NvmeStatus.UnrecoveredReadError}", result.FirstError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_loop_counts_latency_from_the_moment_a_command_was_due()
    {
        var device = new StallingDevice();
        await using TestTarget target = await TestTarget.StartAsync(new NamespaceOptions { Device = device });

        // The device holds the first command for a second. With a queue depth of 1, no other command can start meanwhile.
        LoadResult result = await LoadRun.RunAsync(
            target.Arguments with { QueueDepth = 1, Rate = 100, Seconds = 0.25 }, CancellationToken.None);

        Assert.Equal(0, result.Errors);
        double slow = result.Histogram.Where(step => step[0] >= 100_000).Sum(step => step[1]);
        Assert.True(slow > 1, "Only the command that stalled looks slow.");
        Assert.Equal("open", result.Load.Mode);
    }

    [Fact]
    public async Task A_load_that_is_stopped_gives_what_it_has()
    {
        await using TestTarget target = await TestTarget.StartAsync("mem:16M");
        using var stop = new CancellationTokenSource();
        Task<LoadResult> run = LoadRun.RunAsync(target.Arguments with { Seconds = 3600 }, stop.Token);
        long end = Environment.TickCount64 + 60_000;
        while (target.Server.ConnectionCount < 2 && Environment.TickCount64 < end)
            await Task.Delay(5);
        await stop.CancelAsync();

        try
        {
            Assert.True((await run).Interrupted);
        }
        catch (OperationCanceledException)
        {
            // The tool was still connecting, so that there is no result.
            Assert.True(stop.IsCancellationRequested);
        }
    }

    [Fact]
    public async Task A_server_that_goes_away_ends_the_load_with_an_error()
    {
        await using TestTarget target = await TestTarget.StartAsync("mem:16M");
        Task<LoadResult> run = LoadRun.RunAsync(target.Arguments with { Seconds = 3600, Queues = 2 }, CancellationToken.None);
        long end = Environment.TickCount64 + 60_000;
        while (target.Server.ConnectionCount < 3 && Environment.TickCount64 < end)
            await Task.Delay(5);
        await target.Server.StopAsync(CancellationToken.None);

        try
        {
            Assert.True((await run).Errors > 0);
        }
        catch (Initiator.InitiatorException exception)
        {
            // The server stopped before the connection was complete.
            Assert.NotEmpty(exception.Message);
        }
    }

    [Fact]
    public async Task More_queues_than_the_target_grants_and_a_namespace_that_is_not_there_are_refused()
    {
        await using TestTarget target = await TestTarget.StartAsync("mem:16M");

        UsageException queues = await Assert.ThrowsAsync<UsageException>(
            () => LoadRun.RunAsync(target.Arguments with { Queues = 1000 }, CancellationToken.None));
        Exception space = await Assert.ThrowsAnyAsync<Exception>(
            () => LoadRun.RunAsync(target.Arguments with { NamespaceId = 9 }, CancellationToken.None));

        Assert.Contains("the target grants", queues.Message, StringComparison.Ordinal);
        Assert.True(space is UsageException or Initiator.InitiatorException, space.ToString());
    }

    [Fact]
    public async Task The_json_has_the_names_that_other_tools_read()
    {
        await using TestTarget target = await TestTarget.StartAsync("mem:16M");
        LoadResult result = await LoadRun.RunAsync(
            target.Arguments with { Label = "ours", ReadPercent = 50, ServerPid = Environment.ProcessId }, CancellationToken.None);

        using JsonDocument json = JsonDocument.Parse(result.ToJson());
        JsonElement root = json.RootElement;
        string[] latency =
        [
            "minMicroseconds", "meanMicroseconds", "p50Microseconds", "p90Microseconds", "p99Microseconds", "p999Microseconds",
            "p9999Microseconds",
            "maxMicroseconds",
        ];
        foreach (string name in new[] { "latency", "readLatency", "writeLatency" })
            Assert.Equal(latency, Names(root.GetProperty(name)));
        string[] load =
        [
            "mode", "rate", "readPercent", "pattern", "transferBytes", "queueDepth", "queues", "headerDigest", "dataDigest", "seconds",
            "measuredUntil", "warmUpSeconds", "spin",
        ];
        Assert.Empty(load.Except(Names(root.GetProperty("load"))));
        string[] all =
        [
            "label", "target", "subsystem", "namespaceId", "load", "iops", "bytesPerSecond", "latency", "readLatency", "writeLatency",
            "errors",
            "verificationFailures", "queueIops", "serverCpuMicrosecondsPerIo", "clientCpuMicrosecondsPerIo", "histogram",
        ];
        Assert.Empty(all.Except(Names(root)));
        Assert.Equal(JsonValueKind.Null, root.GetProperty("load").GetProperty("rate").ValueKind);
        Assert.Equal("closed", root.GetProperty("load").GetProperty("mode").GetString());
        Assert.All(root.GetProperty("histogram").EnumerateArray(), step => Assert.Equal(2, step.GetArrayLength()));
        Assert.True(root.GetProperty("histogram").EnumerateArray().Sum(step => step[1].GetInt64()) > 0);
        Assert.Equal(result.ToJson(), LoadResult.FromJson(result.ToJson()).ToJson());
    }

    private static string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(property => property.Name)];

    private sealed class FailingDevice : BlockDevice
    {
        public override BlockDeviceProperties Properties { get; } = new() { BlockSize = 512, BlockCount = 2048 };

        public override void Submit(BlockRequest request) => request.Complete(NvmeStatus.UnrecoveredReadError);
    }

    /// <summary>A device that holds its first request for a second.</summary>
    private sealed class StallingDevice : BlockDevice
    {
        private int _requests;

        public override BlockDeviceProperties Properties { get; } = new() { BlockSize = 512, BlockCount = 2048 };

        public override void Submit(BlockRequest request)
        {
            if (Interlocked.Increment(ref _requests) > 1)
            {
                request.Complete(NvmeStatus.Success);
                return;
            }
            _ = Task.Delay(1000).ContinueWith(_ => request.Complete(NvmeStatus.Success), TaskScheduler.Default);
        }
    }
}
