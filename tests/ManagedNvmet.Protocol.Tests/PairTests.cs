using CsCheck;

namespace ManagedNvmet.Protocol.Tests;

/// <summary>Both ends of a connection over a network that splits and delays the stream at random.</summary>
public sealed class PairTests
{
    [Fact]
    public void Reads_and_writes_come_through_whatever_the_network_does() =>
        Gen.Select(Gen.Int[0, 3], Gen.Byte[0, 31], Gen.Bool, Gen.Int[1, 3000].Array[1, 16], Gen.Int.Array[1, 40], Gen.Int[1, 12])
            .Sample((digests, hpda, flowControl, pieces, work, depth) =>
            {
                var pair = new ConnectionPair(digests, hpda, flowControl, depth, pieces);
                pair.Connect();
                return pair.Run(work);
            }, iter: 300, threads: 2);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 3)]
    [InlineData(3, 31)]
    public void Reads_and_writes_come_through_byte_by_byte(int digests, byte hpda)
    {
        var pair = new ConnectionPair(digests, hpda, true, 4, [1]);
        pair.Connect();
        Assert.True(pair.Run([0, 1, 2, 3, 4, 5, 6, 7]));
    }

    [Fact]
    public void The_host_that_loses_its_connection_ends_every_command_once()
    {
        for (int steps = 0; steps < 200; steps++)
        {
            var pair = new ConnectionPair(3, 5, true, 8, [311]);
            pair.Connect();
            var commands = new List<TestCommand>();
            for (int seed = 0; seed < 8; seed++)
                commands.Add(pair.Submit(seed));
            for (int step = 0; step < steps; step++)
                pair.Step();
            pair.Cut();
            Assert.All(commands, command => Assert.Equal(1, command.Completions));
            Assert.Equal(0, pair.Buffers.Rented);
            Assert.Equal(0, pair.Controller.OutstandingCommands);
        }
    }
}
