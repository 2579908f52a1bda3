using ManagedNvmet.Transport.Tcp.Rebalancing;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

/// <summary>The choice of the connection to move and of its new shard, as a function of the loads.</summary>
public sealed class RebalancePolicyTests
{
    private readonly RebalancePolicy _policy = new();

    [Fact]
    public void The_connection_that_evens_out_best_goes_from_the_busiest_shard_to_the_idlest()
    {
        ShardLoad[] loads =
        [
            Shard(0.5, ("a", 100)),
            Shard(1.0, ("b", 600), ("c", 300), ("d", 100)),
            Shard(0.1, ("e", 100)),
        ];

        // The loads differ by 0.9. Moving 0.6 leaves 0.4 and 0.7, moving 0.3 leaves 0.7 and 0.4. Both are equally good, and the policy
        // takes the first.
        RebalanceChoice choice = Assert.NotNull(AfterLasting(loads));

        Assert.Equal((1, 2), (choice.From, choice.To));
        Assert.Contains((string)choice.Connection, (string[])["b", "c"]);
    }

    [Fact]
    public void A_difference_that_does_not_last_moves_nothing()
    {
        ShardLoad[] uneven = [Shard(1, ("a", 1), ("b", 1)), Shard(0, ("c", 0))];
        ShardLoad[] even = [Shard(0.6, ("a", 1), ("b", 1)), Shard(0.5, ("c", 0))];
        for (int round = 0; round < 100; round++)
            Assert.Null(_policy.Next(round % RebalancePolicy.LastingIntervals == 0 ? even : uneven));
    }

    [Theory]
    [InlineData(0.49, 0, false)]
    [InlineData(0.5, 0, true)]
    [InlineData(1, 0.76, false)]
    [InlineData(1, 0.74, true)]
    public void A_shard_that_has_time_left_or_others_that_have_none_move_nothing(double busiest, double idlest, bool moves) =>
        Assert.Equal(moves, AfterLasting([Shard(busiest, Many(20)), Shard(idlest, ("other", 1))]) is not null);

    [Fact]
    public void One_connection_that_is_all_of_the_load_stays() =>
        Assert.Null(AfterLasting([Shard(1, ("a", 1000), ("b", 0)), Shard(0)]));

    [Fact]
    public void A_connection_that_would_only_carry_the_load_over_stays() =>
        Assert.Null(AfterLasting([Shard(1, ("a", 1000)), Shard(0.4, ("b", 400))]));

    [Theory]
    [InlineData(2, 5)]
    [InlineData(2, 64)]
    [InlineData(3, 12)]
    [InlineData(8, 40)]
    [InlineData(4, 4)]
    public void Loads_that_stay_as_they_are_settle(int shardCount, int connectionCount)
    {
        // All connections start on one shard. Their loads are 1 : 2 : 3 : 1 and so on.
        int[] places = new int[connectionCount];
        long[] sizes = [.. Enumerable.Range(0, connectionCount).Select(index => (long)(index % 3) + 1)];
        double unit = 1.0 / sizes.Sum();
        int moves = 0;
        int lastMove = 0;
        for (int interval = 1; interval <= 2000; interval++)
        {
            ShardLoad[] loads = [.. Enumerable.Range(0, shardCount).Select(shard => Load(places, sizes, shard, unit))];
            if (_policy.Next(loads) is not { } choice)
                continue;
            int moved = Array.IndexOf(Names, (string)choice.Connection);
            Assert.Equal(choice.From, places[moved]);
            double before = Larger(loads, choice);
            places[moved] = choice.To;
            ShardLoad[] after = [.. Enumerable.Range(0, shardCount).Select(shard => Load(places, sizes, shard, unit))];
            Assert.True(Larger(after, choice) < before);
            moves++;
            lastMove = interval;
        }
        Assert.InRange(moves, 1, connectionCount);
        Assert.InRange(lastMove, 1, 200);
    }

    [Fact]
    public void A_connection_that_takes_the_load_with_it_is_not_sent_to_and_fro()
    {
        // The worst case: the shard with the connection always seems overloaded, and the other idle.
        int place = 0;
        int moves = 0;
        for (int interval = 0; interval < 300; interval++)
        {
            ShardLoad there = Shard(1, ("a", 400), ("stays", 600));
            ShardLoad elsewhere = Shard(0, ("idle", 0));
            if (_policy.Next(place == 0 ? [there, elsewhere] : [elsewhere, there]) is not { } choice)
                continue;
            if ((string)choice.Connection == "a")
            {
                place = choice.To;
                moves++;
            }
        }
        Assert.InRange(moves, 1, 300 / RebalancePolicy.RestIntervals + 1);
    }

    [Fact]
    public void Loads_that_change_sides_every_interval_move_nothing()
    {
        for (int interval = 0; interval < 100; interval++)
        {
            double first = interval % 2;
            Assert.Null(_policy.Next([Shard(first, ("a", 1), ("b", 1)), Shard(1 - first, ("c", 1), ("d", 1))]));
        }
    }

    [Fact]
    public void Two_shards_that_are_as_busy_as_each_other_both_give_connections_to_those_that_idle()
    {
        var sources = new HashSet<int>();
        for (int interval = 0; interval < 20; interval++)
        {
            double waver = interval % 2 * 0.02;
            ShardLoad[] loads = [Shard(0.96 + waver, Many(8)), Shard(0.97, Many(8, 8)), Shard(0), Shard(0)];
            if (_policy.Next(loads) is { } choice)
                sources.Add(choice.From);
        }
        Assert.Equal([0, 1], sources.Order());
    }

    private static readonly string[] Names = [.. Enumerable.Range(0, 64).Select(index => $"connection {index}")];

    private static (string, long)[] Many(int count, int from = 0) =>
        [.. Enumerable.Range(from, count).Select(index => (Names[index], 10L))];

    private static ShardLoad Shard(double busy, params (string Name, long Work)[] connections) =>
        new(busy, [.. connections.Select(each => new ConnectionLoad(each.Name, each.Work))]);

    private static ShardLoad Load(int[] places, long[] sizes, int shard, double unit)
    {
        ConnectionLoad[] here =
        [
            .. Enumerable.Range(0, places.Length).Where(index => places[index] == shard).Select(
                index => new ConnectionLoad(Names[index], sizes[index])),
        ];
        return new ShardLoad(here.Sum(each => each.Work) * unit, here);
    }

    private static double Larger(ShardLoad[] loads, RebalanceChoice choice) => Math.Max(loads[choice.From].Busy, loads[choice.To].Busy);

    private RebalanceChoice? AfterLasting(ShardLoad[] loads)
    {
        for (int interval = 1; interval < RebalancePolicy.LastingIntervals; interval++)
            Assert.Null(_policy.Next(loads));
        return _policy.Next(loads);
    }
}
