using ManagedNvmet.Initiator;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.LoadGenerator;
using ManagedNvmet.Target.QualityOfService;
using ManagedNvmet.Transport.Tcp;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

/// <summary>Cost of a command in steady state: no allocation, no switch of threads, few system calls.</summary>
[Collection(nameof(SteadyStateTests))]
public sealed class SteadyStateTests
{
    private const int BlockSize = 512;

    [Theory]
    [InlineData("mem:64M", 100, 4096)]
    [InlineData("mem:64M", 0, 4096)]
    [InlineData("mem:64M", 0, 65536)]
    [InlineData("mem:64M", 50, 131072)]
    [InlineData("{folder}/disk.img,create=64M", 100, 4096)]
    [InlineData("{folder}/disk.img,create=64M", 0, 4096)]
    [InlineData("{folder}/disk.img,create=64M", 50, 131072)]
    [InlineData("mem:64M", 50, 4096, 5_000d)]
    [InlineData("mem:64M", 50, 65536, 2_000d)]
    public async Task A_command_allocates_nothing_on_the_thread_that_serves_it(
        string disk, int readPercent, int transferBytes, double? iops = null)
    {
        await using TestServer server = await TestServer.StartAsync(disk, options => options.ShardCount = 1);
        if (iops is not null)
            server.Server.Subsystem.SetQualityOfService(1, new QualityOfServiceLimits { TotalIops = iops, BurstSeconds = 0.01 });
        await using InitiatorController host = await server.ConnectAsync();
        var load = new LoadQueue(
            host.IoQueues[0],
            new LoadOptions
            {
                BlockCount = 64 * 1024 * 1024 / BlockSize,
                BlockSize = BlockSize,
                ReadPercent = readPercent,
                TransferBytes = transferBytes,
            },
            seed: 1);
        Shard shard = server.Server.Shards[0].Shard;
        load.Record(true);
        load.Start();
        await UntilAsync(() => load.Completed >= 2_000);

        // Takes the smallest of three measurements, because the runtime itself sometimes allocates on the thread when it recompiles a
        // method.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 3 && least > 0; attempt++)
        {
            long allocatedBefore = await AllocatedBytesAsync(shard);
            long completedBefore = load.Completed;
            await UntilAsync(() => load.Completed >= completedBefore + 2_000);
            least = Math.Min(least, await AllocatedBytesAsync(shard) - allocatedBefore);
        }
        await load.StopAsync();

        Assert.Equal(0, load.Failed);
        Assert.Equal(0, least);
    }

    [Theory]
    [InlineData("mem:64M", 4096)]
    [InlineData("{folder}/disk.img,create=64M", 131072)]
    public async Task A_command_of_a_connection_that_has_moved_allocates_nothing(string disk, int transferBytes)
    {
        await using TestServer server = await TestServer.StartAsync(disk, options =>
        {
            options.ShardCount = 2;
            options.RebalanceInterval = TimeSpan.Zero;
        });
        await using InitiatorController host = await server.ConnectAsync();
        var load = new LoadQueue(
            host.IoQueues[0],
            new LoadOptions
            {
                BlockCount = 64 * 1024 * 1024 / BlockSize,
                BlockSize = BlockSize,
                ReadPercent = 50,
                TransferBytes = transferBytes,
            },
            seed: 1);
        IReadOnlyList<ShardContext> shards = server.Server.Shards;
        ShardTransport connection = shards.SelectMany(each => each.Transports)
            .Single(each => each.Connection is Protocol.Controller.ControllerConnection { IsAdmin: false });
        load.Record(true);
        load.Start();
        await UntilAsync(() => load.Completed >= 2_000);
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 6 && least > 0; attempt++)
        {
            ShardContext next = shards.First(each => !each.Transports.Contains(connection));
            await connection.MoveAsync(next);
            long warmBefore = load.Completed;
            await UntilAsync(() => load.Completed >= warmBefore + 2_000);
            Shard shard = shards.Single(each => each.Transports.Contains(connection)).Shard;
            long allocatedBefore = await AllocatedBytesAsync(shard);
            long completedBefore = load.Completed;
            await UntilAsync(() => load.Completed >= completedBefore + 2_000);
            least = Math.Min(least, await AllocatedBytesAsync(shard) - allocatedBefore);
        }
        await load.StopAsync();

        Assert.Equal(0, load.Failed);
        Assert.Equal(0, least);
    }

    [Fact]
    public async Task Commands_that_come_together_are_answered_with_one_send()
    {
        const int commands = 32;
        await using TestServer server = await TestServer.StartAsync("mem:16M", options => options.ShardCount = 1);
        await using InitiatorController host = await server.ConnectAsync();
        ShardContext context = server.Server.Shards[0];
        Memory<byte> data = InitiatorController.AllocatePinned(commands * BlockSize);
        (await host.ReadAsync(0, 1, 0, 1, data[..BlockSize])).Require("Read");

        // Blocks the server's shard while the host sends, so that the server then finds all commands in its receive buffer at once.
        using var held = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        context.Shard.Post(_ =>
        {
            held.Set();
            go.Wait();
        }, null);
        held.Wait();
        long receivesBefore = context.ReceiveCount;
        long sendsBefore = context.SendCount;
        Task<CommandResult>[] reads =
        [
            .. Enumerable.Range(0, commands).Select(
                index => host.ReadAsync(0, 1, (ulong)index, 1, data.Slice(index * BlockSize, BlockSize)).AsTask()),
        ];

        // Waits for two rounds of the host's loop: the commands were posted to the first, which sends them at its end.
        await OnShardAsync(server.HostContext.Shard, () => 0);
        await OnShardAsync(server.HostContext.Shard, () => 0);
        go.Set();
        foreach (Task<CommandResult> read in reads)
            (await read).Require("Read");

        Assert.Equal(1, await OnShardAsync(context.Shard, () => context.ReceiveCount - receivesBefore));
        Assert.Equal(1, await OnShardAsync(context.Shard, () => context.SendCount - sendsBefore));
    }

    [Fact]
    public async Task A_device_is_called_on_the_thread_that_received_the_command()
    {
        var device = new ThreadRecordingDevice();
        await using TestServer server = await TestServer.StartAsync("mem:1M", options =>
        {
            options.ShardCount = 1;
            options.Namespaces.Add(new NamespaceOptions { Device = device });
        });
        await using InitiatorController host = await server.ConnectAsync();
        Memory<byte> data = InitiatorController.AllocatePinned(BlockSize);
        (await host.WriteAsync(0, 2, 0, 1, data)).Require("Write");
        (await host.ReadAsync(0, 2, 0, 1, data)).Require("Read");
        long shardThread = await OnShardAsync(server.Server.Shards[0].Shard, () => (long)Environment.CurrentManagedThreadId);

        Assert.Equal([shardThread, shardThread], device.Threads);
    }

    private static async Task<long> AllocatedBytesAsync(Shard shard)
    {
        // Polls for the result, because completing a task would itself allocate on the shard's thread.
        var reading = new Reading();
        shard.Post(static state => ((Reading)state!).Take(), reading);
        await UntilAsync(() => reading.IsTaken);
        return reading.AllocatedBytes;
    }

    private static Task<long> OnShardAsync(Shard shard, Func<long> read)
    {
        var result = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        shard.Post(_ => result.SetResult(read()), null);
        return result.Task;
    }

    private static async Task UntilAsync(Func<bool> isReached)
    {
        long end = Environment.TickCount64 + 60_000;
        while (!isReached())
        {
            Assert.True(Environment.TickCount64 < end, "The load came to a halt.");
            await Task.Delay(5);
        }
    }

    private sealed class Reading
    {
        private volatile bool _isTaken;

        public bool IsTaken => _isTaken;

        public long AllocatedBytes { get; private set; }

        public void Take()
        {
            AllocatedBytes = GC.GetAllocatedBytesForCurrentThread();
            _isTaken = true;
        }
    }

    private sealed class ThreadRecordingDevice : BlockDevice
    {
        public List<long> Threads { get; } = [];

        public override BlockDeviceProperties Properties { get; } = new() { BlockSize = BlockSize, BlockCount = 8 };

        public override void Submit(BlockRequest request)
        {
            Threads.Add(Environment.CurrentManagedThreadId);
            request.Complete(NvmeStatus.Success);
        }
    }
}

/// <summary>Runs its tests alone, because the measurements would include the work of concurrent tests.</summary>
[CollectionDefinition(nameof(SteadyStateTests), DisableParallelization = true)]
public sealed class SteadyStateCollection;
