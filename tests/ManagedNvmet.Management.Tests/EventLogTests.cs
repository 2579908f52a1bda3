using ManagedNvmet.Management.Events;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Management.Tests;

public sealed class EventLogTests
{
    [Fact]
    public void The_last_thousand_lines_are_kept_and_the_oldest_goes()
    {
        var log = new EventLog();
        ILogger logger = log.CreateLogger("ManagedNvmet.Target.NvmeTarget");
        for (int line = 1; line <= EventLog.Capacity + 1; line++)
            logger.LogInformation("Line {Number}", line);

        IReadOnlyList<EventRecord> all = log.Last(int.MaxValue);

        Assert.Equal(EventLog.Capacity, all.Count);
        Assert.Equal("Line 1001", all[0].Message);
        Assert.Equal("Line 2", all[^1].Message);
        Assert.Equal(("NvmeTarget", "Information"), (all[0].Source, all[0].Level));
    }

    [Fact]
    public void Lines_of_others_and_details_are_left_out_and_long_ones_cut()
    {
        var log = new EventLog();
        log.CreateLogger("Microsoft.AspNetCore").LogError("Not ours");
        ILogger logger = log.CreateLogger("ManagedNvmet.Target");
        logger.LogDebug("A detail");
        logger.LogWarning("{Text}", new string('x', 1001));
        logger.LogWarning("{Text}", new string('y', 1000));

        Assert.Equal([new string('y', 1000), new string('x', 1000) + "…"], log.Last(10).Select(each => each.Message));
    }

    [Fact]
    public async Task Who_waits_is_woken_by_the_next_line()
    {
        var log = new EventLog();
        Task waiting = log.WaitAfterAsync(0, CancellationToken.None);
        Assert.False(waiting.IsCompleted);

        log.CreateLogger("ManagedNvmet").LogInformation("Now");

        await waiting;
        Assert.Equal("Now", Assert.Single(log.After(0)).Message);
        Assert.Empty(log.After(1));
        Assert.True(log.WaitAfterAsync(0, CancellationToken.None).IsCompleted);
    }
}
