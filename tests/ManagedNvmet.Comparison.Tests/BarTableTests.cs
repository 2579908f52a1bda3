using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Peers;
using Xunit;

namespace ManagedNvmet.Comparison.Tests;

public sealed class BarTableTests
{
    [Fact]
    public void Every_bar_has_a_name_of_its_own_and_lines()
    {
        Assert.Equal(BarTable.All.Count, BarTable.All.Select(bar => bar.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(BarTable.All, bar => Assert.NotEmpty(bar.Criteria));
    }

    [Fact]
    public void No_line_stands_twice()
    {
        Criterion[] lines = [.. BarTable.All.SelectMany(bar => bar.Criteria)];

        Assert.Equal(lines.Length, lines.Distinct().Count());
    }

    [Fact]
    public void Ours_is_measured_first_in_every_line() =>
        Assert.All(BarTable.All.SelectMany(bar => bar.Criteria), line => Assert.Equal(PeerKind.Ours, line.Contestants.First().Peer));

    [Fact]
    public void Of_a_server_that_polls_only_the_busy_share_counts()
    {
        var before = new ProcessorReading(Microseconds: 1000, BusyTicks: 10, IdleTicks: 90);
        var after = new ProcessorReading(Microseconds: 2000, BusyTicks: 40, IdleTicks: 160);

        Assert.Equal(300, after.BusyMicrosecondsSince(before));
    }

    [Fact]
    public void Of_a_server_that_sleeps_all_of_its_time_counts() =>
        Assert.Equal(250, new ProcessorReading(1250).BusyMicrosecondsSince(new ProcessorReading(1000)));

    [Fact]
    public void The_clock_of_a_process_counts_its_work_and_never_goes_back()
    {
        double before = ProcessorClock.Microseconds(Environment.ProcessId);
        while (Environment.CpuUsage.TotalTime < TimeSpan.FromMicroseconds(before + 30_000))
            Thread.SpinWait(1000);

        Assert.True(ProcessorClock.Microseconds(Environment.ProcessId) > before);
    }

    // Process IDs of Linux are below 2^22.
    [Fact]
    public void A_process_that_is_not_there_has_no_clock() => Assert.Equal(double.NaN, ProcessorClock.Microseconds(1 << 22));
}
