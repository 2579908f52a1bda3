using System.Diagnostics;
using ManagedNvmet.Target.Health;
using ManagedNvmet.Target.LogPages;
using ManagedNvmet.Target.Tests.Core;
using Xunit;

namespace ManagedNvmet.Target.Tests.Pages;

public class HealthTests
{
    private static long Ticks(long milliseconds) => milliseconds * (Stopwatch.Frequency / 1000);

    private static QueueStatistics Attach(HealthCounters health)
    {
        var queue = new QueueStatistics(SimulatedWorld.NqnOf("h"), SimulatedWorld.DiskNqn, health.MaxNamespaces, measuresLatency: false);
        health.Attach(queue);
        return queue;
    }

    private static void Record(
        QueueStatistics queue, uint namespaceId, BlockOperation operation, uint bytes, NvmeStatus status = default) =>
        queue.Record(namespaceId, operation, status, bytes, 0, 0);

    private static HealthCounters Counters(TimeProvider? time = null) => new(1024, time ?? TimeProvider.System);

    [Fact]
    public void The_page_has_each_count_in_its_place()
    {
        var page = new PageBytes(512);
        HealthPage.Fill(
            page.Span,
            new HealthTotals { ReadBytes = 512_000, WrittenBytes = 512_001, ReadCommands = 3, WriteCommands = 4, MediaErrors = 5 },
            60_000 * 7 + 59_999,
            8,
            9);
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
        HealthPage.Fill(page.Span, new HealthTotals { WrittenBytes = ulong.MaxValue }, 0, 0, 0);
        Assert.Equal(0u, page.U128(32));
        Assert.Equal(ulong.MaxValue / 512_000 + 1, page.U128(48));
    }

    [Fact]
    public void Queues_count_for_themselves_and_a_reader_sums_by_namespace_and_over_all()
    {
        HealthCounters health = Counters();
        QueueStatistics first = Attach(health);
        QueueStatistics second = Attach(health);
        Record(first, 1, BlockOperation.Read, 4096);
        Record(second, 1, BlockOperation.Read, 512);
        Record(second, 9, BlockOperation.Write, 1024);
        Record(second, 9, BlockOperation.Flush, 0, NvmeStatus.WriteFault);
        Assert.Equal(new HealthTotals { ReadBytes = 4608, ReadCommands = 2 }, health.Read(1));
        Assert.Equal(new HealthTotals { WrittenBytes = 1024, WriteCommands = 1, MediaErrors = 1, DeviceErrors = 1 }, health.Read(9));
        Assert.Equal(default, health.Read(0));
        Assert.Equal(default, health.Read(2));
        Assert.Equal(default, health.Read(5000));
        var expected = new HealthTotals
        {
            ReadBytes = 4608,
            WrittenBytes = 1024,
            ReadCommands = 2,
            WriteCommands = 1,
            MediaErrors = 1,
            DeviceErrors = 1,
        };
        Assert.Equal(expected, health.ReadAll());
    }

    [Fact]
    public void The_counts_of_a_queue_outlive_it_and_are_kept_once()
    {
        HealthCounters health = Counters();
        QueueStatistics queue = Attach(health);
        Record(queue, 3, BlockOperation.Write, 512);
        health.Detach(queue);
        health.Detach(queue);
        Record(Attach(health), 3, BlockOperation.Write, 512);
        Assert.Equal(new HealthTotals { WrittenBytes = 1024, WriteCommands = 2 }, health.Read(3));
        Assert.Equal(new HealthTotals { WrittenBytes = 1024, WriteCommands = 2 }, health.ReadAll());
    }

    [Fact]
    public void A_read_or_write_counts_if_it_succeeded_and_a_media_error_counts_as_such()
    {
        HealthCounters health = Counters();
        QueueStatistics queue = Attach(health);
        Record(queue, 1, BlockOperation.Read, 512);
        Record(queue, 1, BlockOperation.Write, 1024);
        Record(queue, 1, BlockOperation.WriteZeroes, 4096);
        Record(queue, 1, BlockOperation.Read, 512, NvmeStatus.LbaOutOfRange);
        Record(queue, 1, BlockOperation.Read, 512, NvmeStatus.UnrecoveredReadError);
        Record(queue, 1, BlockOperation.Write, 512, NvmeStatus.WriteFault);
        Assert.Equal(
            new HealthTotals
            {
                ReadBytes = 512,
                WrittenBytes = 1024,
                ReadCommands = 1,
                WriteCommands = 1,
                MediaErrors = 2,
                DeviceErrors = 2,
            },
            health.Read(1));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1025u)]
    [InlineData(0xFFFF_FFFFu)]
    public void An_NSID_that_cannot_be_costs_no_memory(uint namespaceId)
    {
        HealthCounters health = Counters();
        QueueStatistics queue = Attach(health);
        Record(queue, namespaceId, BlockOperation.Read, 512);
        Record(queue, namespaceId, BlockOperation.Read, 512, NvmeStatus.UnrecoveredReadError);
        queue.AddToRound(namespaceId, BlockOperation.Read, 512, 1);
        queue.EndRound(2);
        Assert.Equal(0u, queue.HighestNamespaceId);
        Assert.Equal(default, health.ReadAll());
    }

    [Fact]
    public void Counting_allocates_nothing_after_the_first_time()
    {
        HealthCounters health = Counters();
        QueueStatistics queue = Attach(health);
        Record(queue, 5, BlockOperation.Read, 512);
        Record(queue, 5, BlockOperation.Write, 512);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            queue.AddToRound(5, BlockOperation.Read, 512, i);
            queue.AddToRound(5, BlockOperation.Write, 512, i);
            queue.EndRound(i);
            Record(queue, 5, BlockOperation.Read, 512);
            health.AddBusy(Ticks(i), Ticks(i + 1));
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(2001ul, health.Read(5).ReadCommands);
    }

    [Fact]
    public void Commands_of_a_round_count_when_it_ends_with_the_latency_of_its_end()
    {
        var queue = new QueueStatistics(SimulatedWorld.NqnOf("h"), SimulatedWorld.DiskNqn, 1024, measuresLatency: true);
        queue.AddToRound(1, BlockOperation.Read, 512, Ticks(10));
        queue.AddToRound(1, BlockOperation.Read, 4096, Ticks(10));
        queue.AddToRound(2, BlockOperation.Write, 1024, Ticks(10));
        Assert.Equal(default, queue.ReadHealth(1));
        queue.EndRound(Ticks(13));
        queue.EndRound(Ticks(99));

        // The start of the next round ends a round that was not ended.
        queue.AddToRound(1, BlockOperation.Read, 512, Ticks(100));
        queue.AddToRound(1, BlockOperation.Read, 512, Ticks(107));
        queue.EndRound(Ticks(108));

        var totals = new Dictionary<(uint, BlockOperation), OperationTotals>();
        queue.AddTo((key, counted) => totals.Add((key.NamespaceId, key.Operation), counted), null);
        OperationTotals reads = totals[(1, BlockOperation.Read)];
        Assert.Equal((4, 5632, 0), (reads.Commands, reads.Bytes, reads.Errors));
        Assert.Equal((2 * 3000) + 7000 + 1000, reads.LatencyMicroseconds);
        Assert.Equal(2, reads.Latency[LatencyBuckets.IndexOf(3000)]);
        Assert.Equal(1, reads.Latency[LatencyBuckets.IndexOf(7000)]);
        Assert.Equal((1, 1024, 3000), (totals[(2, BlockOperation.Write)].Commands, totals[(2, BlockOperation.Write)].Bytes,
            totals[(2, BlockOperation.Write)].LatencyMicroseconds));
    }

    [Fact]
    public void Time_is_busy_once_however_many_commands_and_queues_there_are()
    {
        HealthCounters health = Counters();
        health.AddBusy(Ticks(0), Ticks(10));
        health.AddBusy(Ticks(3), Ticks(12));
        health.AddBusy(Ticks(10), Ticks(15));
        Assert.Equal(15ul, health.BusyMilliseconds);
        health.AddBusy(Ticks(100), Ticks(105));
        Assert.Equal(20ul, health.BusyMilliseconds);
    }

    [Fact]
    public void Time_of_two_queues_from_two_threads_is_never_more_than_what_passed()
    {
        HealthCounters health = Counters();
        Parallel.For(0, 4, _ =>
        {
            QueueStatistics queue = Attach(health);
            for (long now = 0; now < 20_000; now++)
            {
                Record(queue, 1, BlockOperation.Read, 1);
                health.AddBusy(Ticks(now), Ticks(now + 1));
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
