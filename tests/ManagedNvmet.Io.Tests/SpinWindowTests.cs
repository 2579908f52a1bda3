namespace ManagedNvmet.Io.Tests;

public sealed class SpinWindowTests
{
    private const long Limit = 800;

    [Fact]
    public void A_loop_begins_with_the_whole_window()
    {
        Assert.Equal(Limit, new SpinWindow(Limit).Ticks);
    }

    [Theory]
    [InlineData(Limit, Limit)]
    [InlineData(Limit + 1, 0)]
    public void A_sleep_that_outlasts_the_limit_closes_the_window_and_a_shorter_one_does_not(long slept, long ticks)
    {
        var window = new SpinWindow(Limit);
        window.Slept(slept);
        Assert.Equal(ticks, window.Ticks);
    }

    [Fact]
    public void Short_sleeps_open_a_closed_window_step_by_step_up_to_the_limit()
    {
        var window = new SpinWindow(Limit);
        window.Slept(Limit * 1000);
        List<long> seen = [];
        for (int sleep = 0; sleep < 5; sleep++)
        {
            window.Slept(10);
            seen.Add(window.Ticks);
        }
        Assert.Equal([100, 200, 400, 800, 800], seen);
    }

    [Fact]
    public void Without_a_limit_the_window_never_opens()
    {
        var window = new SpinWindow(0);
        window.Slept(0);
        Assert.Equal(0, window.Ticks);
        window.Slept(10);
        Assert.Equal(0, window.Ticks);
    }
}
