using ManagedNvmet.Target.Controllers;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class ControllerTimerTests
{
    [Fact]
    public void A_silent_host_is_given_the_whole_period_and_no_more()
    {
        var timer = new ControllerTimer();
        timer.Start(ControllerTimerKind.KeepAlive, 1000, 5000);

        Assert.False(timer.Check(5999, wasActive: false));
        Assert.True(timer.Check(6000, wasActive: false));
        Assert.Equal(long.MaxValue, timer.Deadline);
    }

    [Fact]
    public void A_command_in_the_period_gives_another_period()
    {
        var timer = new ControllerTimer();
        timer.Start(ControllerTimerKind.KeepAlive, 1000, 5000);

        Assert.False(timer.Check(6000, wasActive: true));
        Assert.Equal(11000, timer.Deadline);
        Assert.True(timer.Check(11000, wasActive: false));
    }

    [Fact]
    public void Commands_do_not_prolong_the_wait_for_a_host_to_enable_its_controller()
    {
        var timer = new ControllerTimer();
        timer.Start(ControllerTimerKind.Association, 0, 120_000);

        Assert.True(timer.Check(120_000, wasActive: true));
    }

    [Fact]
    public void A_period_of_zero_is_no_timer()
    {
        var timer = new ControllerTimer();
        timer.Start(ControllerTimerKind.KeepAlive, 0, 0);

        Assert.Equal(ControllerTimerKind.None, timer.Kind);
        Assert.False(timer.Check(long.MaxValue - 1, wasActive: false));
    }
}
