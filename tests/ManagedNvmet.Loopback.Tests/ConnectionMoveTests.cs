using ManagedNvmet.Initiator;
using ManagedNvmet.LoadGenerator;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.QualityOfService;
using ManagedNvmet.Transport.Tcp;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

/// <summary>A connection with I/O moves between two shards, and its host notices nothing.</summary>
public class ConnectionMoveTests : LoopbackTest
{
    private const int BlockSize = 512;
    private const int DiskBytes = 64 * 1024 * 1024;

    [Theory]
    [InlineData("mem:64M", 4096, false, false)]
    [InlineData("mem:64M", 4096, true, true)]
    [InlineData("mem:64M", 262144, false, false)]
    [InlineData("mem:64M", 262144, true, true)]
    [InlineData("{folder}/disk.img,create=64M", 16384, false, true)]
    [InlineData("{folder}/disk.img,create=64M", 131072, true, false)]
    public async Task A_connection_under_load_goes_to_and_fro_and_every_command_ends_once_with_the_right_data(
        string disk, int transferBytes, bool headerDigest, bool dataDigest)
    {
        const int moves = 200;
        await using TestServer server = await StartAsync(disk);
        await using InitiatorController host = await server.ConnectAsync(options => options with
        {
            HeaderDigest = headerDigest,
            DataDigest = dataDigest,
        });
        var load = new LoadQueue(host.IoQueues[0], Load(transferBytes), seed: 1);
        load.Record(true);
        load.Start();
        var outcomes = new Dictionary<MoveOutcome, int>();
        ShardTransport connection = IoConnections(server).Single();
        long end = Environment.TickCount64 + 120_000;
        while (outcomes.GetValueOrDefault(MoveOutcome.Moved) < moves)
        {
            Assert.True(Environment.TickCount64 < end, $"It seldom comes to rest: {string.Join(", ", outcomes)}.");
            MoveOutcome outcome = await connection.MoveAsync(OtherShardOf(server, connection));
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;

            // Waits for a varying number of commands between two moves, so that moves meet different states.
            long before = load.Completed;
            await UntilAsync(() => load.Completed > before + outcomes.Count + (before & 15));
        }
        await load.StopAsync();
        await load.ReadBackAsync();

        Assert.Equal((null, 0), (load.FirstFailure, load.Failed));
        Assert.Equal(0, load.Ledger!.WrongBlocks);
        Assert.True(load.Ledger.CheckedBlocks > 0);
        Assert.DoesNotContain(MoveOutcome.NotMovable, outcomes.Keys);
        await UntilAsync(() => server.Server.Shards.Sum(context => context.Shard.Buffers.RentedCount) == 0);
    }

    [Fact]
    public async Task Reads_of_one_queue_and_writes_of_another_go_on_while_both_change_places()
    {
        await using TestServer server = await StartAsync("{folder}/disk.img,create=64M");
        await using InitiatorController host = await server.ConnectAsync(options => options with { IoQueues = 2 });
        LoadOptions half = Load(65536) with { BlockCount = DiskBytes / BlockSize / 2 };
        LoadQueue[] loads =
        [
            new(host.IoQueues[0], half, seed: 1),
            new(host.IoQueues[1], half with { FirstBlock = half.BlockCount }, seed: 2),
        ];
        foreach (LoadQueue load in loads)
        {
            load.Record(true);
            load.Start();
        }
        ShardTransport[] connections = [.. IoConnections(server)];
        for (int round = 0; round < 50; round++)
        {
            await Task.WhenAll(connections.Select(each => each.MoveAsync(OtherShardOf(server, each))));
            long before = loads.Sum(load => load.Completed);
            await UntilAsync(() => loads.Sum(load => load.Completed) > before + 10);
        }
        foreach (LoadQueue load in loads)
        {
            await load.StopAsync();
            await load.ReadBackAsync();
            Assert.Equal((null, 0), (load.FirstFailure, load.Ledger!.WrongBlocks));
        }
    }

    [Fact]
    public async Task The_shards_count_a_connection_where_it_is()
    {
        await using TestServer server = await StartAsync("mem:1M");
        await using InitiatorController host = await server.ConnectAsync();
        ShardTransport connection = IoConnections(server).Single();
        ShardContext before = ShardOf(server, connection);
        ShardContext after = OtherShardOf(server, connection);

        Assert.Equal(MoveOutcome.Moved, await connection.MoveAsync(after));

        Assert.Equal((0, 2), (before.ConnectionCount, after.ConnectionCount));
        Assert.Same(after, ShardOf(server, connection));
        (await host.ReadAsync(0, 1, 0, 1, InitiatorController.AllocatePinned(BlockSize))).Require("Read");
        Assert.Equal(MoveOutcome.NotMovable, await connection.MoveAsync(after));

        // A new connection of this host is placed on the shard that has none of its connections.
        await using InitiatorController second = await server.ConnectAsync(options => options with { IoQueues = 0 });
        Assert.Equal((1, 2), (before.ConnectionCount, after.ConnectionCount));
    }

    [Fact]
    public async Task An_admin_queue_goes_with_the_event_requests_that_wait_on_it()
    {
        await using TestServer server = await StartAsync("mem:1M");
        await using InitiatorController host = await server.ConnectAsync();
        (await host.Admin.SubmitAsync(new SubmissionEntry { Opcode = 0x09, Cdw10 = 0x0B, Cdw11 = 0x100 })).Require("Set Features");
        ValueTask<CommandResult> waiting = host.Admin.SubmitAsync(new SubmissionEntry { Opcode = 0x0C });
        await UntilAsync(() => AdminConnection(server).Connection is ControllerConnection { OutstandingCommands: > 0 });
        for (int round = 0; round < 20; round++)
        {
            ShardTransport connection = AdminConnection(server);
            Assert.Equal(MoveOutcome.Moved, await connection.MoveAsync(OtherShardOf(server, connection)));
            await host.IdentifyAsync(0x01);
        }
        Assert.False(waiting.IsCompleted);

        // The test's thread raises the event, and the target delivers it to the connection's new shard.
        _ = server.Server.Subsystem.RemoveNamespace(1);

        const uint namespaceAttributeChanged = 0x04_00_02;
        CommandResult result = await waiting.AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(result.Status.IsSuccess);
        Assert.Equal(namespaceAttributeChanged, (uint)result.Result & 0xFFFFFF);
    }

    [Fact]
    public async Task A_host_that_falls_silent_after_its_admin_queue_has_moved_is_still_missed()
    {
        await using TestServer server = await StartAsync("mem:1M");
        await using InitiatorController host = await server.ConnectAsync(options => options with { KeepAliveMilliseconds = 1_000 });
        ShardTransport connection = AdminConnection(server);
        for (int round = 0; round < 5; round++)
            Assert.Equal(MoveOutcome.Moved, await connection.MoveAsync(OtherShardOf(server, connection)));
        using var silence = new ManualResetEventSlim();
        server.HostContext.Shard.Post(_ => silence.Wait(), null);

        await UntilAsync(() => server.Server.ConnectionCount == 0);
        silence.Set();
        Assert.Equal(CloseReason.KeepAliveTimeout, ((ControllerConnection)connection.Connection!).CloseReason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_ends_on_its_way_ends(bool byHost)
    {
        await using TestServer server = await StartAsync("{folder}/disk.img,create=64M");
        for (int round = 0; round < 20; round++)
        {
            await using InitiatorController host = await server.ConnectAsync();
            var load = new LoadQueue(host.IoQueues[0], Load(65536), seed: round);
            load.Record(true);
            load.Start();
            await UntilAsync(() => load.Completed > round);
            ShardTransport connection = IoConnections(server).Single();
            Task<MoveOutcome> moving = connection.MoveAsync(OtherShardOf(server, connection));
            if (byHost)
                host.IoQueues[0].Close();
            else
                await host.SetPropertyAsync(0x14, 0);
            await moving.WaitAsync(TimeSpan.FromSeconds(30));
            await host.IoQueues[0].Closed.WaitAsync(TimeSpan.FromSeconds(30));
            await load.StopAsync();
            await UntilAsync(() => !IoConnections(server).Any());
        }
        await UntilAsync(() => server.Server.ConnectionCount == 0);
        Assert.Equal(0, server.Server.Shards.Sum(context => context.ConnectionCount));

        // A command that the disk still executes keeps its buffer until it completes.
        await UntilAsync(() => server.Server.Shards.Sum(context => context.Shard.Buffers.RentedCount) == 0);
        Assert.All(server.Server.Shards, context => Assert.Empty(context.Transports));
    }

    [Fact]
    public async Task A_namespace_is_removed_while_its_users_are_on_their_way()
    {
        await using TestServer server = await StartAsync("{folder}/disk.img,create=64M");
        await using InitiatorController host = await server.ConnectAsync();
        var load = new LoadQueue(host.IoQueues[0], Load(65536), seed: 1);
        load.Record(true);
        load.Start();
        ShardTransport connection = IoConnections(server).Single();
        await UntilAsync(() => load.Completed > 100);
        Task<MoveOutcome> moving = connection.MoveAsync(OtherShardOf(server, connection));
        await server.Server.Subsystem.RemoveNamespace(1)!.WaitAsync(TimeSpan.FromSeconds(30));
        await moving.WaitAsync(TimeSpan.FromSeconds(30));
        await load.StopAsync();

        CommandResult after = await host.ReadAsync(0, 1, 0, 1, InitiatorController.AllocatePinned(BlockSize));
        Assert.True(after.Status.IsSameCode(NvmeStatus.InvalidNamespace));
        await UntilAsync(() => server.Server.Shards.Sum(context => context.Shard.Buffers.RentedCount) == 0);
    }

    [Fact]
    public async Task Commands_that_wait_for_a_limit_go_with_their_queue()
    {
        await using TestServer server = await StartAsync("mem:64M");
        server.Server.Subsystem.SetQualityOfService(1, new QualityOfServiceLimits { TotalIops = 300, BurstSeconds = 0.01 });
        await using InitiatorController host = await server.ConnectAsync();
        var load = new LoadQueue(host.IoQueues[0], Load(131072), seed: 1);
        load.Record(true);
        load.Start();
        ShardTransport connection = IoConnections(server).Single();
        int moved = 0;
        for (int round = 0; round < 30; round++)
        {
            if (await connection.MoveAsync(OtherShardOf(server, connection)) == MoveOutcome.Moved)
                moved++;
            long before = load.Completed;
            await UntilAsync(() => load.Completed > before + 4);
        }
        await load.StopAsync();
        await load.ReadBackAsync();

        Assert.True(moved >= 15, $"It moved {moved} times of 30.");
        Assert.Equal((null, 0), (load.FirstFailure, load.Ledger!.WrongBlocks));
    }

    [Fact]
    public async Task A_connection_whose_device_is_slow_stays_and_goes_on()
    {
        var device = new HeldDevice();
        await using TestServer server = await StartServerAsync("mem:1M", options =>
        {
            options.ShardCount = 2;
            options.RebalanceInterval = TimeSpan.Zero;
            options.Namespaces.Add(new NamespaceOptions { Device = device });
        });
        await using InitiatorController host = await server.ConnectAsync();
        ValueTask<CommandResult> held = host.ReadAsync(0, 2, 0, 1, InitiatorController.AllocatePinned(BlockSize));
        await UntilAsync(() => device.Request is not null);
        ShardTransport connection = IoConnections(server).Single();
        Task<MoveOutcome> moving = connection.MoveAsync(OtherShardOf(server, connection));
        ValueTask<CommandResult> next = host.ReadAsync(0, 1, 0, 1, InitiatorController.AllocatePinned(BlockSize));

        Assert.Equal(MoveOutcome.NeverQuiet, await moving);
        (await next).Require("A read that came meanwhile");
        device.Request!.Complete(NvmeStatus.Success);
        (await held).Require("The read that took long");
        Assert.Equal(MoveOutcome.Moved, await connection.MoveAsync(OtherShardOf(server, connection)));
    }

    [Fact]
    public async Task Work_that_is_posted_while_a_connection_changes_places_runs_once_in_order_and_on_its_shard()
    {
        const int items = 100_000;
        await using TestServer server = await StartAsync("mem:1M");
        await using InitiatorController host = await server.ConnectAsync();
        ShardTransport connection = IoConnections(server).Single();
        var ran = new List<int>(items);
        int elsewhere = 0;
        Task posting = Task.Run(() =>
        {
            for (int index = 0; index < items; index++)
            {
                int number = index;
                connection.Post(_ =>
                {
                    ran.Add(number);
                    if (!connection.IsCurrentThread)
                        elsewhere++;
                }, null);
            }
        });
        int moved = 0;
        while (!posting.IsCompleted || moved < 10)
        {
            if (await connection.MoveAsync(OtherShardOf(server, connection)) == MoveOutcome.Moved)
                moved++;
        }
        await posting;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.Post(_ => all.SetResult(), null);
        await all.Task;

        Assert.Equal(Enumerable.Range(0, items), ran);
        Assert.Equal(0, elsewhere);
    }

    private static LoadOptions Load(int transferBytes) => new()
    {
        BlockCount = DiskBytes / BlockSize,
        BlockSize = BlockSize,
        ReadPercent = 50,
        TransferBytes = transferBytes,
        Depth = 16,
        Verify = true,
    };

    private Task<TestServer> StartAsync(string disk) => StartServerAsync(disk, options =>
    {
        options.ShardCount = 2;
        options.RebalanceInterval = TimeSpan.Zero;
    });

    private static IEnumerable<ShardTransport> IoConnections(TestServer server) => server.Server.Shards
        .SelectMany(context => context.Transports)
        .Where(each => each.Connection is ControllerConnection { IsAdmin: false });

    private static ShardTransport AdminConnection(TestServer server) => server.Server.Shards
        .SelectMany(context => context.Transports)
        .Single(each => each.Connection is ControllerConnection { IsAdmin: true });

    private static ShardContext ShardOf(TestServer server, ShardTransport connection) =>
        server.Server.Shards.Single(context => context.Transports.Contains(connection));

    // Returns a shard other than the connection's. A connection that is moving or closed is on no shard; any one will do for it.
    private static ShardContext OtherShardOf(TestServer server, ShardTransport connection) =>
        server.Server.Shards.FirstOrDefault(context => !context.Transports.Contains(connection)) ?? server.Server.Shards[0];

    private static async Task UntilAsync(Func<bool> isReached)
    {
        long end = Environment.TickCount64 + 60_000;
        while (!isReached())
        {
            Assert.True(Environment.TickCount64 < end, "It never came to that.");
            await Task.Delay(1);
        }
    }

    private sealed class HeldDevice : BlockDevice
    {
        public BlockRequest? Request { get; private set; }

        public override BlockDeviceProperties Properties { get; } = new() { BlockSize = BlockSize, BlockCount = 8 };

        public override void Submit(BlockRequest request) => Request = request;
    }
}
