using ManagedNvmet.Initiator;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

/// <summary>The server distributes connections evenly over the shards, also after some of them have closed.</summary>
public class PlacementTests : LoopbackTest
{
    [Fact]
    public async Task The_queues_of_one_host_are_spread_evenly()
    {
        await using TestServer server = await StartServerAsync("mem:1M", options => options.ShardCount = 4);
        await using InitiatorController host = await server.ConnectAsync(options => options with { IoQueues = 7 });

        // There are eight connections, including the admin queue.
        Assert.Equal([2, 2, 2, 2], Connections(server));
    }

    [Fact]
    public async Task New_connections_fill_up_what_closed_ones_have_left()
    {
        await using TestServer server = await StartServerAsync("mem:1M", options => options.ShardCount = 3);
        var hosts = new List<InitiatorController>();
        for (int index = 0; index < 3; index++)
            hosts.Add(await server.ConnectAsync(options => options with { IoQueues = 2 }));
        Assert.Equal([3, 3, 3], Connections(server));
        await hosts[0].DisposeAsync();
        await hosts[1].DisposeAsync();
        await UntilAsync(() => server.Server.ConnectionCount == 3);
        Assert.Equal([1, 1, 1], Connections(server));
        await using InitiatorController next = await server.ConnectAsync(options => options with { IoQueues = 5 });
        Assert.Equal([3, 3, 3], Connections(server));
        await hosts[2].DisposeAsync();
    }

    private static int[] Connections(TestServer server) => [.. server.Server.Shards.Select(context => context.ConnectionCount)];

    private static async Task UntilAsync(Func<bool> isReached)
    {
        long end = Environment.TickCount64 + 60_000;
        while (!isReached())
        {
            Assert.True(Environment.TickCount64 < end, "The connections stayed.");
            await Task.Delay(5);
        }
    }
}
