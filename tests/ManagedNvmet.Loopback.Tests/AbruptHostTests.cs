using System.Net.Sockets;
using ManagedNvmet.Initiator;
using ManagedNvmet.Target.Namespaces;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

/// <summary>Many hosts at a time that close their connections without a shutdown, in different ways. They must leave no resources behind
/// and must not affect other hosts.</summary>
public class AbruptHostTests : LoopbackTest
{
    private static readonly byte[] InitializeRequest = [0x00, 0x00, 0x80, 0x00, 0x80, 0x00, 0x00, 0x00, .. new byte[120]];

    [Fact]
    public async Task Thousands_of_connections_that_end_in_the_hand_shake_leave_nothing_behind()
    {
        await using TestServer server = await StartServerAsync("mem:16M");
        await using InitiatorController bystander = await server.ConnectAsync();
        int connectionsBefore = server.Server.ConnectionCount;

        await Parallel.ForAsync(0, 4000, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (index, cancellationToken) =>
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(server.Server.EndPoints[0], cancellationToken);
            switch (index % 4)
            {
                case 0:
                    break;
                case 1:
                    await socket.SendAsync(InitializeRequest, cancellationToken);
                    break;
                case 2:
                    await socket.SendAsync(InitializeRequest.AsMemory(0, index % InitializeRequest.Length), cancellationToken);
                    break;
                default:
                    // Half close: the end of the stream arrives before the target can send its response.
                    await socket.SendAsync(InitializeRequest, cancellationToken);
                    socket.Shutdown(SocketShutdown.Send);
                    break;
            }

            // Closes half of the sockets with a reset, so that each state ends both by RST and by FIN.
            if (index % 8 < 4)
                socket.LingerState = new LingerOption(true, 0);
        });

        await UntilAsync(() => server.Server.ConnectionCount == connectionsBefore);
        await RoundTripAsync(bystander);
        await NothingIsRentedAsync(server);
    }

    [Fact]
    public async Task Hosts_that_vanish_with_writes_in_flight_on_every_queue_leave_nothing_behind()
    {
        await using TestServer server = await StartServerAsync("{folder}/disk.img,create=64M", options => options.ShardCount = 2);
        await using InitiatorController bystander = await server.ConnectAsync();
        int connectionsBefore = server.Server.ConnectionCount;
        for (int round = 0; round < 5; round++)
        {
            InitiatorController host = await server.ConnectAsync(options => options with { IoQueues = 4, QueueEntries = 129 });
            Task<CommandResult>[] writes =
            [
                .. from queue in Enumerable.Range(0, 4)
                   from command in Enumerable.Range(0, 128)
                   let data = InitiatorController.AllocatePinned(command % 2 == 0 ? 4096 : 65536)
                   select host.WriteAsync(queue, 1, (ulong)(command * 128), data.Length / 512, data).AsTask(),
            ];
            if (round % 2 == 0)
                await Task.WhenAny(writes);

            // Every other round closes the admin queue first, so that the controller ends while its I/O queues are busy.
            if (round % 2 == 1)
                host.Admin.Close();
            foreach (InitiatorQueue queue in host.IoQueues)
                queue.Close();
            host.Admin.Close();
            await Task.WhenAll(writes);
            await host.DisposeAsync();
        }

        await UntilAsync(() => server.Server.ConnectionCount == connectionsBefore);
        await UntilAsync(() => server.Server.Subsystem.Controllers.Count == 1);
        await RoundTripAsync(bystander);
        await NothingIsRentedAsync(server);
    }

    [Fact]
    public async Task A_namespace_may_be_removed_and_added_under_load()
    {
        await using TestServer server = await StartServerAsync("mem:16M");
        await using InitiatorController host = await server.ConnectAsync();
        Namespace served = server.Server.Subsystem.Find(1)!;
        using var stopping = new CancellationTokenSource();
        Task<bool> load = LoadAsync(host, stopping.Token);

        for (int round = 0; round < 50; round++)
        {
            await server.Server.Subsystem.RemoveNamespace(1)!;
            server.Server.Subsystem.AddNamespace(served);
            await Task.Yield();
        }
        await stopping.CancelAsync();

        Assert.True(await load);
        await RoundTripAsync(host);
    }

    /// <summary>Writes until it is cancelled. Returns true when every command ended with success or Invalid Namespace.</summary>
    private static async Task<bool> LoadAsync(InitiatorController host, CancellationToken stopping)
    {
        Memory<byte> data = InitiatorController.AllocatePinned(32 * 4096);
        bool isSound = true;
        while (!stopping.IsCancellationRequested)
        {
            CommandResult[] results = await Task.WhenAll(Enumerable.Range(0, 32)
                .Select(index => host.WriteAsync(0, 1, (ulong)index * 8, 8, data.Slice(index * 4096, 4096)).AsTask()));
            isSound &= results.All(result => result.Status.IsSuccess || result.Status.IsSameCode(NvmeStatus.InvalidNamespace));
        }
        return isSound;
    }

    private static async Task RoundTripAsync(InitiatorController host)
    {
        Memory<byte> data = InitiatorController.AllocatePinned(4096);
        (await host.WriteAsync(0, 1, 0, 8, data)).Require("Write");
        (await host.ReadAsync(0, 1, 0, 8, data)).Require("Read");
    }

    // The host may receive the completion before the server's thread has returned the buffer.
    private static Task NothingIsRentedAsync(TestServer server) => UntilAsync(() => server.Server.Shards.All(
        context => context.Shard.Buffers.RentedCount + context.Shard.AdminBuffers.RentedCount == 0));

    private static async Task UntilAsync(Func<bool> isReached)
    {
        long end = Environment.TickCount64 + 30_000;
        while (!isReached())
        {
            Assert.True(Environment.TickCount64 < end, "What was waited for did not come.");
            await Task.Delay(10);
        }
    }
}
