using ManagedNvmet.Simulation.Disks;
using ManagedNvmet.Simulation.Kernel;
using Xunit;

namespace ManagedNvmet.Simulation;

public sealed class SeedTests
{
    private const int SeedsOfGroup = 25;

    public static TheoryData<int> Groups => [.. Enumerable.Range(0, 10)];

    [Theory]
    [MemberData(nameof(Groups))]
    public void Nothing_is_lost_and_nobody_waits_for_ever(int group)
    {
        for (int index = 1; index <= SeedsOfGroup; index++)
            new World((ulong)((group * SeedsOfGroup) + index)).Run();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Nothing_is_lost_either_while_connections_go_from_thread_to_thread(int group)
    {
        for (int index = 1; index <= SeedsOfGroup; index++)
            new World((ulong)((group * SeedsOfGroup) + index)) { MovesConnections = true }.Run();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(33)]
    [InlineData(1001)]
    public void The_same_seed_does_the_same_twice(ulong seed)
    {
        var first = new World(seed);
        var second = new World(seed);
        first.Run();
        second.Run();

        Assert.Equal(first.Digest, second.Digest);
        Assert.Equal(first.Events, second.Events);
    }

    [Fact]
    public void Every_situation_that_the_simulation_is_for_comes_about()
    {
        var missing = new HashSet<Situation>(Enum.GetValues<Situation>());
        for (ulong seed = 1; seed <= 120 && missing.Count > 0; seed++)
        {
            var world = new World(seed) { MovesConnections = seed % 2 == 0 };
            world.Run();
            missing.ExceptWith(world.Situations.Keys);
        }

        Assert.Empty(missing);
    }

    [Fact]
    public void Another_seed_does_something_else()
    {
        var first = new World(1);
        var second = new World(2);
        first.Run();
        second.Run();

        Assert.NotEqual(first.Digest, second.Digest);
    }

    /// <summary>Checks that the simulation detects faulty disks.</summary>
    [Theory]
    [InlineData(Sabotage.SomeWritesAreLost)]
    [InlineData(Sabotage.FlushDoesNothing)]
    [InlineData(Sabotage.ForceUnitAccessDoesNothing)]
    public void A_disk_that_does_not_keep_its_word_is_found_out_by_some_seed(Sabotage sabotage)
    {
        const ulong seeds = 60;
        for (ulong seed = 1; seed <= seeds; seed++)
        {
            try
            {
                new World(seed, sabotage).Run();
            }
            catch (SimulationFailure failure)
            {
                Assert.Contains("may be:", failure.Message, StringComparison.Ordinal);
                return;
            }
        }
        Assert.Fail($"No seed of {seeds} has noticed.");
    }
}
