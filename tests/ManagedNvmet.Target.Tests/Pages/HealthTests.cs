using System.Diagnostics;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.LogPages;
using Xunit;

namespace ManagedNvmet.Target.Tests.Pages;

public class HealthTests
{
    private static long Ticks(long milliseconds) => milliseconds * (Stopwatch.Frequency / 1000);

    private static HealthCounters Counters(TimeProvider? time = null) => new(1024, time ?? TimeProvider.System);

    [Fact]
    public void The_page_has_each_count_in_its_place()
    {
        var page = new PageBytes(512);
        HealthPage.Fill(page.Span, new HealthTotals(512_000, 512_001, 3, 4, 5), 60_000 * 7 + 59_999, 8, 9);
        Assert.Equal(0, page.U8(0)); // no critical warning
        Assert.Equal(100, page.U8(3)); // spare
        Assert.Equal(0, page.U8(5)); // used
        Assert.Equal(1u, page.U128(32));
        Assert.Equal(2u, page.U128(48)); // rounded up
        Assert.Equal(3u, page.U128(64));
        Assert.Equal(4u, page.U128(80));
        Assert.Equal(7u, page.U128(96));
        Assert.Equal(1u, page.U128(112));
        Assert.Equal(8u, page.U128(128));
        Assert.Equal(0u, page.U128(144));
        Assert.Equal(5u, page.U128(160));
        Assert.Equal(9u, page.U128(176));
        page.IsZeroBut((3, 1), (32, 112), (160, 32));
    }

    [Fact]
    public void Nothing_read_is_no_unit_and_the_largest_count_does_not_wrap()
    {
        var page = new PageBytes(512);
        HealthPage.Fill(page.Span, new HealthTotals(0, ulong.MaxValue, 0, 0, 0), 0, 0, 0);
        Assert.Equal(0u, page.U128(32));
        Assert.Equal(ulong.MaxValue / 512_000 + 1, page.U128(48));
    }

    [Fact]
    public void Queues_count_for_themselves_and_a_reader_sums_by_namespace_and_over_all()
    {
        HealthCounters health = Counters();
        QueueHealth first = health.Attach();
        QueueHealth second = health.Attach();
        first.RecordRead(1, 4096);
        second.RecordRead(1, 512);
        second.RecordWrite(9, 1024);
        second.RecordMediaError(9);
        Assert.Equal(new HealthTotals(4608, 0, 2, 0, 0), health.Read(1));
        Assert.Equal(new HealthTotals(0, 1024, 0, 1, 1), health.Read(9));
        Assert.Equal(default, health.Read(2));
        Assert.Equal(default, health.Read(5000));
        Assert.Equal(new HealthTotals(4608, 1024, 2, 1, 1), health.ReadAll());
    }

    [Fact]
    public void The_counts_of_a_queue_outlive_it_and_are_kept_once()
    {
        HealthCounters health = Counters();
        QueueHealth queue = health.Attach();
        queue.RecordWrite(3, 512);
        health.Detach(queue);
        health.Detach(queue);
        health.Attach().RecordWrite(3, 512);
        Assert.Equal(new HealthTotals(0, 1024, 0, 2, 0), health.Read(3));
        Assert.Equal(new HealthTotals(0, 1024, 0, 2, 0), health.ReadAll());
    }

    [Fact]
    public void A_command_counts_as_its_row_says_if_it_succeeded_and_a_media_error_counts_as_such()
    {
        HealthCounters health = Counters();
        QueueHealth queue = health.Attach();
        queue.Record(HealthUse.Read, 1, 512, NvmeStatus.Success);
        queue.Record(HealthUse.Write, 1, 1024, NvmeStatus.Success);
        queue.Record(HealthUse.None, 1, 4096, NvmeStatus.Success);
        queue.Record(HealthUse.Read, 1, 512, NvmeStatus.LbaOutOfRange);
        queue.Record(HealthUse.Read, 1, 512, NvmeStatus.UnrecoveredReadError);
        queue.Record(HealthUse.Write, 1, 512, NvmeStatus.WriteFault);
        Assert.Equal(new HealthTotals(512, 1024, 1, 1, 2), health.Read(1));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1025u)]
    [InlineData(0xFFFF_FFFFu)]
    public void An_NSID_that_cannot_be_costs_no_memory(uint namespaceId)
    {
        HealthCounters health = Counters();
        QueueHealth queue = health.Attach();
        queue.RecordRead(namespaceId, 512);
        queue.RecordMediaError(namespaceId);
        Assert.Equal(0u, queue.HighestNamespaceId);
        Assert.Equal(default, health.ReadAll());
    }

    [Fact]
    public void Counting_allocates_nothing_after_the_first_time()
    {
        QueueHealth queue = Counters().Attach();
        queue.RecordRead(5, 512);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            queue.CommandStarted(Ticks(i));
            queue.Record(HealthUse.Read, 5, 512, NvmeStatus.Success);
            queue.Record(HealthUse.Write, 5, 512, NvmeStatus.Success);
            queue.CommandEnded(Ticks(i));
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Time_is_busy_once_however_many_commands_and_queues_there_are()
    {
        HealthCounters health = Counters();
        QueueHealth first = health.Attach();
        QueueHealth second = health.Attach();
        first.CommandStarted(Ticks(0));
        first.CommandStarted(Ticks(2));
        second.CommandStarted(Ticks(3));
        first.CommandEnded(Ticks(10));
        second.CommandEnded(Ticks(12));
        first.CommandEnded(Ticks(15));
        Assert.Equal(15ul, health.BusyMilliseconds);
        second.CommandStarted(Ticks(100));
        second.CommandEnded(Ticks(105));
        Assert.Equal(20ul, health.BusyMilliseconds);
    }

    [Fact]
    public void Time_of_two_queues_from_two_threads_is_never_more_than_what_passed()
    {
        HealthCounters health = Counters();
        Parallel.For(0, 4, _ =>
        {
            QueueHealth queue = health.Attach();
            for (long now = 0; now < 20_000; now++)
            {
                queue.CommandStarted(Ticks(now));
                queue.RecordRead(1, 1);
                queue.CommandEnded(Ticks(now + 1));
            }
        });
        Assert.InRange(health.BusyMilliseconds, 1ul, 20_000ul);
        Assert.Equal(80_000ul, health.Read(1).ReadCommands);
    }

    [Fact]
    public void Power_on_hours_are_whole_hours_since_the_start()
    {
        var time = new ManualTime();
        HealthCounters health = Counters(time);
        time.Advance(TimeSpan.FromMinutes(179));
        Assert.Equal(2ul, health.PowerOnHours);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(3ul, health.PowerOnHours);
    }

    [Fact]
    public void The_firmware_page_names_one_slot()
    {
        var page = new PageBytes(512);
        FirmwareSlotPage.Fill(page.Span, "0.1.0");
        Assert.Equal(1, page.U8(0));
        Assert.Equal("0.1.0   ", page.Text(8, 8));
        page.IsZeroBut((0, 1), (8, 8));
    }
}
