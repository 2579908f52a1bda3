namespace ManagedNvmet.Io.Tests;

public sealed class RoundPaceTests
{
    private const long Distance = 100;

    [Fact]
    public void Few_commands_hold_nothing_up()
    {
        var pace = new RoundPace(Distance);
        for (long start = 1; start < 10_000; start += Distance / 4)
            Assert.Equal(start, pace.Next(start, 1));
    }

    [Fact]
    public void Many_commands_keep_rounds_at_a_distance_as_long_as_they_last()
    {
        var pace = new RoundPace(Distance);
        long start = 1;
        for (int round = 0; round < 100; round++)
            start = Math.Max(start + (Distance / 10), pace.Next(start, RoundPace.ManyCommands * 2));
        Assert.Equal(start + Distance, pace.Next(start, RoundPace.ManyCommands * 2));

        // A pause with one command behind it, then little at a time.
        start += 1000 * Distance;
        for (int round = 0; round < 30; round++)
            start = Math.Max(start + (Distance / 2), pace.Next(start, 1));
        Assert.Equal(start, pace.Next(start, 1));
    }

    [Theory]
    [InlineData(RoundPace.ManyCommands, true)]
    [InlineData(RoundPace.ManyCommands - 1, false)]
    public void What_counts_is_how_many_come_in_the_time_of_one_distance(int commands, bool isHeld)
    {
        var pace = new RoundPace(Distance);
        long start = 1;
        for (int round = 0; round < 1000; round++)
            pace.Next(start += Distance, commands);
        start += Distance;
        Assert.Equal(isHeld ? start + Distance : start, pace.Next(start, commands), Distance / 50.0);
    }
}
