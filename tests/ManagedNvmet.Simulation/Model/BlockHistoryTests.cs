using Xunit;

namespace ManagedNvmet.Simulation.Model;

public sealed class BlockHistoryTests
{
    private readonly BlockHistory _block = new(isCached: true);

    [Fact]
    public void An_acknowledged_write_is_read_and_nothing_older()
    {
        Acknowledge(1, begin: 1, end: 2);

        Assert.True(_block.Read(1, 3, 4, isDurable: false));
        Assert.False(_block.Read(0, 3, 4, isDurable: false));
    }

    [Fact]
    public void A_read_at_the_same_time_finds_the_old_or_the_new()
    {
        Acknowledge(1, begin: 2, end: 4);
        Assert.True(_block.Read(0, 3, 5, isDurable: false));
        Assert.True(_block.Read(1, 3, 5, isDurable: false));
    }

    [Fact]
    public void Of_writes_at_the_same_time_any_may_win_and_then_has_won()
    {
        BlockEntry first = _block.BeginWrite(1, 1);
        BlockEntry second = _block.BeginWrite(2, 2);
        _block.Acknowledge(second, 3, isDurable: false);
        _block.Acknowledge(first, 4, isDurable: false);

        Assert.True(_block.Read(1, 5, 6, isDurable: false));
        Assert.True(_block.Read(1, 7, 8, isDurable: false));
        Assert.False(_block.Read(2, 7, 8, isDurable: false));
    }

    [Fact]
    public void A_write_without_an_answer_may_come_late_until_the_target_is_done_with_it()
    {
        BlockEntry lost = _block.BeginWrite(1, 1);
        Acknowledge(2, begin: 2, end: 3);
        Assert.True(_block.Read(2, 4, 5, isDurable: false));
        Assert.True(_block.Read(1, 6, 7, isDurable: false));
        Assert.False(_block.Read(2, 8, 9, isDurable: false));

        BlockHistory.Settle(lost, 10);
        Acknowledge(3, begin: 11, end: 12);
        Assert.False(_block.Read(1, 13, 14, isDurable: false));
    }

    [Fact]
    public void A_write_that_was_refused_must_not_have_been_read()
    {
        BlockEntry unseen = _block.BeginWrite(1, 1);
        Assert.True(_block.Withdraw(unseen));
        Assert.False(_block.Read(1, 2, 3, isDurable: false));

        BlockEntry seen = _block.BeginWrite(2, 4);
        Assert.True(_block.Read(2, 5, 6, isDurable: false));
        Assert.False(_block.Withdraw(seen));
    }

    [Fact]
    public void A_crash_may_undo_what_was_not_flushed()
    {
        Acknowledge(1, begin: 1, end: 2);
        _block.Crash(3);

        Assert.True(_block.Read(0, 4, 5, isDurable: false));
    }

    [Fact]
    public void A_crash_undoes_nothing_that_was_flushed()
    {
        Acknowledge(1, begin: 1, end: 2);
        _block.Flushed(3);
        _block.Crash(5);

        Assert.False(_block.Read(0, 6, 7, isDurable: false));
        Assert.True(_block.Read(1, 6, 7, isDurable: false));
    }

    [Fact]
    public void A_flush_that_began_before_the_answer_to_a_write_says_nothing_of_it()
    {
        Acknowledge(1, begin: 1, end: 4);
        _block.Flushed(3);
        _block.Crash(6);

        Assert.True(_block.Read(0, 7, 8, isDurable: false));
    }

    [Fact]
    public void A_crash_undoes_no_forced_write()
    {
        _block.Acknowledge(_block.BeginWrite(1, 1), 2, isDurable: true);
        _block.Crash(3);

        Assert.False(_block.Read(0, 4, 5, isDurable: false));
    }

    [Fact]
    public void What_was_read_after_a_crash_is_on_the_medium()
    {
        Acknowledge(1, begin: 1, end: 2);
        _block.Crash(3);
        Assert.True(_block.Read(1, 4, 5, isDurable: false));
        _block.Crash(6);

        Assert.False(_block.Read(0, 7, 8, isDurable: false));
    }

    private void Acknowledge(ulong version, long begin, long end) =>
        _block.Acknowledge(_block.BeginWrite(version, begin), end, isDurable: false);
}
