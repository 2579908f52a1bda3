using System.Diagnostics;
using ManagedNvmet.Initiator;
using ManagedNvmet.LoadGenerator;
using ManagedNvmet.Protocol.Controller;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

/// <summary>A running server balances the load of its shards.</summary>
[Collection(nameof(SteadyStateTests))]
public sealed class RebalanceTests
{
    private const int BlockSize = 512;

    [Fact]
    public async Task Two_busy_connections_of_one_shard_part_and_stay_apart()
    {
        await using TestServer server = await StartAsync(TimeSpan.FromMilliseconds(100));
        await using InitiatorController host = await server.ConnectAsync(options => options with { IoQueues = 3 });
        LoadQueue[] loads = [Load(host, 0), Load(host, 2)];

        // The admin queue is placed first, so the first and the third I/O queue share a shard.
        Assert.Equal([1, 2], IoConnections(server));
        await UntilAsync(() => server.Server.MovedConnections > 0);
        Assert.Equal([2, 1], IoConnections(server));

        // Waits for twenty checks of the balancer. It must not move anything more.
        await Task.Delay(2_000);
        Assert.Equal((1, 0), (server.Server.MovedConnections, server.Server.UnmovedConnections));
        foreach (LoadQueue load in loads)
        {
            await load.StopAsync();
            Assert.Equal(0, load.Failed);
        }
    }

    [Fact]
    public async Task Nothing_is_moved_when_that_is_turned_off()
    {
        await using TestServer server = await StartAsync(TimeSpan.Zero);
        await using InitiatorController host = await server.ConnectAsync(options => options with { IoQueues = 3 });
        LoadQueue[] loads = [Load(host, 0), Load(host, 2)];
        await Task.Delay(2_000);
        Assert.Equal([1, 2], IoConnections(server));
        foreach (LoadQueue load in loads)
            await load.StopAsync();
    }

    [Theory]
    [InlineData(99)]
    [InlineData(3_600_001)]
    [InlineData(-1)]
    public async Task An_interval_that_makes_no_sense_is_refused_with_the_setting(int milliseconds)
    {
        StartupException refused = await Assert.ThrowsAsync<StartupException>(() => StartAsync(TimeSpan.FromMilliseconds(milliseconds)));
        Assert.Contains(nameof(NvmetServerOptions.RebalanceInterval), refused.Message, StringComparison.Ordinal);
    }

    private static Task<TestServer> StartAsync(TimeSpan interval) => TestServer.StartAsync("mem:1M", options =>
    {
        options.ShardCount = 2;
        options.RebalanceInterval = interval;
        options.Namespaces.Add(new NamespaceOptions { Device = new LaboriousDevice() });
    });

    private static LoadQueue Load(InitiatorController host, int queue)
    {
        var load = new LoadQueue(
            host.IoQueues[queue],
            new LoadOptions { BlockCount = 1024, BlockSize = BlockSize, TransferBytes = BlockSize, NamespaceId = 2, Depth = 4 },
            seed: queue + 1);
        load.Start();
        return load;
    }

    private static int[] IoConnections(TestServer server) =>
    [
        .. server.Server.Shards.Select(
            context => context.Transports.Count(each => each.Connection is ControllerConnection { IsAdmin: false })),
    ];

    private static async Task UntilAsync(Func<bool> isReached)
    {
        long end = Environment.TickCount64 + 60_000;
        while (!isReached())
        {
            Assert.True(Environment.TickCount64 < end, "Nothing was moved.");
            await Task.Delay(5);
        }
    }

    // A device whose commands keep the shard busy, so that the shard limits the load instead of the host.
    private sealed class LaboriousDevice : BlockDevice
    {
        private const int MicrosecondsPerCommand = 200;

        public override BlockDeviceProperties Properties { get; } = new() { BlockSize = BlockSize, BlockCount = 1024 };

        public override void Submit(BlockRequest request)
        {
            long end = Stopwatch.GetTimestamp() + (MicrosecondsPerCommand * Stopwatch.Frequency / 1_000_000);
            while (Stopwatch.GetTimestamp() < end)
                Thread.SpinWait(10);
            request.Complete(NvmeStatus.Success);
        }
    }
}
