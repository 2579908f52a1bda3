namespace ManagedNvmet.Io.Tests;

public sealed class SpinWindowTests
{
    private const long Limit = 800;
    private const long Outlasting = Limit + 1;

    [Fact]
    public void A_loop_begins_with_the_whole_window()
    {
        Assert.Equal(Limit, new SpinWindow(Limit).Ticks);
    }

    [Fact]
    public void Sleeps_that_outlast_the_limit_close_the_window_when_there_are_only_such()
    {
        SpinWindow window = Closed(out int sleeps);
        Assert.Equal(64, sleeps);
        Assert.Equal(0, window.Ticks);
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(9, false)]
    public void One_look_in_nine_that_finds_work_keeps_the_window_open_and_fewer_do_not(int sleepsForEachFind, bool staysOpen)
    {
        var window = new SpinWindow(Limit);
        int closed = 0;
        for (int find = 0; find < 1000; find++)
        {
            for (int sleep = 0; sleep < sleepsForEachFind; sleep++)
            {
                window.Slept(Outlasting);
                closed += window.Ticks == 0 ? 1 : 0;
            }
            window.Found();
        }
        Assert.Equal(staysOpen, closed == 0);
    }

    [Fact]
    public void A_closed_window_costs_one_look_in_thirty_two()
    {
        SpinWindow window = Closed(out _);
        int looks = 0;
        for (int sleep = 0; sleep < 3200; sleep++)
        {
            window.Slept(Outlasting);
            looks += window.Ticks > 0 ? 1 : 0;
        }
        Assert.Equal(100, looks);
    }

    [Fact]
    public void A_look_that_finds_work_opens_a_closed_window_and_so_does_a_sleep_within_the_limit()
    {
        SpinWindow window = Closed(out _);
        window.Found();
        Assert.Equal(Limit, window.Ticks);
        window = Closed(out _);
        window.Slept(Limit);
        Assert.Equal(Limit, window.Ticks);
    }

    [Fact]
    public void However_often_work_was_found_the_window_closes_after_as_many_sleeps()
    {
        var window = new SpinWindow(Limit);
        for (int find = 0; find < 1000; find++)
            window.Found();
        Assert.Equal(64, Close(ref window));
    }

    [Fact]
    public void Without_a_limit_the_window_never_opens()
    {
        var window = new SpinWindow(0);
        for (int sleep = 0; sleep < 100; sleep++)
        {
            Assert.Equal(0, window.Ticks);
            window.Slept(sleep % 2);
        }
    }

    private static SpinWindow Closed(out int sleeps)
    {
        var window = new SpinWindow(Limit);
        sleeps = Close(ref window);
        return window;
    }

    private static int Close(ref SpinWindow window)
    {
        int sleeps = 0;
        while (window.Ticks > 0)
        {
            window.Slept(Outlasting);
            sleeps++;
        }
        return sleeps;
    }
}
