using System.Diagnostics;
using Xunit;

namespace ManagedNvmet.LoadGenerator.Tests;

public sealed class ScheduleTests
{
    private static readonly long Second = Stopwatch.Frequency;

    [Fact]
    public void Commands_are_due_evenly_and_the_error_does_not_add_up()
    {
        var schedule = new OpenLoopSchedule(3, start: 1000);
        for (int index = 0; index < 3_000; index++)
            Assert.True(schedule.TryTake(long.MaxValue, long.MaxValue, out _));

        Assert.Equal(1000 + (1000 * Second), schedule.NextDue);
    }

    [Fact]
    public void A_command_is_not_taken_before_it_is_due()
    {
        var schedule = new OpenLoopSchedule(10, start: 0);

        Assert.True(schedule.TryTake(0, long.MaxValue, out long first));
        Assert.False(schedule.TryTake((Second / 10) - 1, long.MaxValue, out _));
        Assert.True(schedule.TryTake(Second / 10, long.MaxValue, out long second));
        Assert.Equal((0, Second / 10), (first, second));
    }

    [Fact]
    public void After_a_stall_every_command_that_was_due_is_taken_with_the_time_at_which_it_was_due()
    {
        var schedule = new OpenLoopSchedule(10, start: 0);
        var due = new List<long>();
        while (schedule.TryTake(Second, long.MaxValue, out long time))
            due.Add(time);

        Assert.Equal(Enumerable.Range(0, 11).Select(index => index * Second / 10), due);
    }

    [Fact]
    public void What_is_due_at_the_end_or_later_is_not_taken()
    {
        var schedule = new OpenLoopSchedule(10, start: 0);

        Assert.True(schedule.TryTake(Second, Second / 10, out _));
        Assert.False(schedule.TryTake(Second, Second / 10, out _));
    }
}
