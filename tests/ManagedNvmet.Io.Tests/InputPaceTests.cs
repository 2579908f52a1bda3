namespace ManagedNvmet.Io.Tests;

public sealed class InputPaceTests
{
    private const int CommandBytes = 72;
    private const int MostBytes = 256 * 1024;

    // A clock of microseconds.
    private readonly InputPace _pace = new(1, MostBytes, savesCalls: true);
    private long _now = 1_000_000;

    [Fact]
    public void Half_of_what_trickles_in_is_waited_for()
    {
        StartPacing(depth: 64, each: 2);

        // All of it was answered by the end of the round, and comes again from then on: half of it in some 64 microseconds.
        Assert.InRange(_pace.NextInputAt(_now + 50) - (_now + 50), 60, 70);
        Round(every: 64, pieces: 32);
        Assert.InRange(_pace.NextInputAt(_now + 20) - _now, 60, 70);
    }

    [Fact]
    public void Nothing_is_waited_for_longer_than_100_microseconds()
    {
        StartPacing(depth: 128, each: 3);
        Assert.Equal(100, _pace.NextInputAt(_now) - _now);
        for (int round = 0; round < 100; round++)
            PacedRound(pieces: 33);
        Assert.Equal(100, _pace.NextInputAt(_now) - _now);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    [InlineData(0)]
    public void Fewer_than_three_at_a_time_are_no_trickle(int pieces)
    {
        Rounds(1000, every: 5, pieces);
        Assert.False(_pace.IsActive);
    }

    [Fact]
    public void A_round_with_too_few_pieces_in_between_puts_the_measurement_off()
    {
        Rounds(16, every: 16, pieces: 8);
        Round(every: 16, pieces: 1);
        Rounds(4, every: 16, pieces: 8);
        Assert.False(_pace.IsActive);
        Round(every: 16, pieces: 8);
        Assert.True(_pace.IsMeasuring);
    }

    [Fact]
    public void A_host_that_never_stops_is_not_kept_waiting()
    {
        Rounds(17, every: 10, pieces: 4);
        long begun = _now;
        Measure(passed => (int)passed * CommandBytes);
        Assert.InRange(_now - begun, 490, 510);
        Assert.False(_pace.IsActive);
    }

    [Fact]
    public void A_host_that_waits_as_well_is_not_kept_waiting()
    {
        // It has handed over some already, is woken after 60 microseconds, and hands over the rest at once.
        Rounds(17, every: 20, pieces: 16);
        Measure(passed => passed < 60 ? 16 * CommandBytes : 32 * CommandBytes);
        Assert.False(_pace.IsActive);
    }

    [Fact]
    public void Where_half_comes_together_anyway_nothing_is_waited_for()
    {
        Rounds(17, every: 62, pieces: 32);
        Measure(Trickle(depth: 64, each: 2));
        Assert.False(_pace.IsActive);
    }

    [Theory]
    [InlineData(false, 54, true)]
    [InlineData(false, 44, false)]
    [InlineData(true, 44, true)]
    public void A_wait_that_is_not_worth_a_sleep_is_made_by_a_loop_that_spins(bool isSpinning, int depth, bool isActive)
    {
        Rounds(17, every: 16, pieces: 8);
        Measure(Trickle(depth, each: 2), isSpinning);
        Assert.Equal(isActive, _pace.IsActive);
    }

    [Fact]
    public void When_nothing_comes_at_all_nothing_is_waited_for()
    {
        Rounds(17, every: 16, pieces: 8);
        Measure(static _ => 0);
        Assert.False(_pace.IsActive);
    }

    [Fact]
    public void A_measurement_of_no_use_is_made_again_later_each_time_and_twice_a_second_in_the_end()
    {
        Rounds(17, every: 10, pieces: 4);
        foreach (int rest in (int[])[30, 60, 120, 240, 480, 500, 500])
        {
            Measure(static passed => (int)passed * CommandBytes);
            long ended = _now;
            while (!_pace.IsMeasuring)
                Round(every: 10, pieces: 4);
            Assert.InRange(_now - ended, rest * 1000, (rest * 1000) + 10);
        }
    }

    [Fact]
    public void A_measurement_of_no_use_changes_nothing_of_the_waits()
    {
        StartPacing(depth: 64, each: 2);
        while (!_pace.IsMeasuring)
            PacedRound(pieces: 32);
        Measure(static _ => 0);
        Assert.InRange(_pace.NextInputAt(_now) - _now, 60, 70);
    }

    [Fact]
    public void While_it_is_waited_it_is_measured_twice_a_second()
    {
        StartPacing(depth: 64, each: 2);
        long ended = _now;
        while (!_pace.IsMeasuring)
            PacedRound(pieces: 32);
        Assert.InRange(_now - ended, 499_000, 500_200);
        Measure(Trickle(depth: 16, each: 4));
        Round(every: 0, pieces: 16);
        Assert.True(_pace.IsActive);
        Assert.InRange(_pace.NextInputAt(_now) - _now, 30, 35);
    }

    [Fact]
    public void A_host_that_has_become_faster_is_waited_for_less_long_and_a_slower_one_longer()
    {
        StartPacing(depth: 64, each: 2);
        PacedRound(pieces: 32);
        long before = _pace.NextInputAt(_now) - _now;
        for (int round = 0; round < 5; round++)
            PacedRound(pieces: 48);
        long faster = _pace.NextInputAt(_now) - _now;
        Assert.InRange(faster, before / 2, before - 10);
        for (int round = 0; round < 3; round++)
            PacedRound(pieces: 20);
        Assert.InRange(_pace.NextInputAt(_now) - _now, faster + 5, before);
    }

    [Fact]
    public void No_more_is_waited_for_than_is_taken_at_a_time()
    {
        // 128 writes of 4 KiB, of which 62 are taken at a time: half of the depth could not be told from all of what is taken.
        const int WriteBytes = CommandBytes + 4096;
        Rounds(17, every: 16, pieces: 12);
        Measure(passed => (int)Math.Min(128, passed) * WriteBytes);
        _pace.Took(_now, 62, MostBytes, wasMissed: false);
        long before = _pace.NextInputAt(_now) - _now;
        PacedRound(pieces: 47);
        Assert.Equal(before, _pace.NextInputAt(_now) - _now);
        PacedRound(pieces: 62);
        Assert.InRange(_pace.NextInputAt(_now) - _now, before / 2, before - 1);
    }

    [Theory]
    [InlineData("nothing was there in time", 8)]
    [InlineData("too few came", 2)]
    [InlineData("there was nothing to wait for", 16)]
    public void Waits_that_are_no_good_end_it(string why, int rounds)
    {
        StartPacing(depth: 64, each: 2);
        for (int round = 0; round < rounds; round++)
        {
            Assert.True(_pace.IsActive);
            _now = _pace.NextInputAt(_now);
            if (why != "there was nothing to wait for")
                _pace.Waited();
            _pace.Took(_now, why == "too few came" ? 2 : 32, 32 * CommandBytes, wasMissed: why == "nothing was there in time");
        }
        Assert.False(_pace.IsActive);
    }

    [Fact]
    public void A_wait_in_vain_now_and_then_does_not_end_it()
    {
        StartPacing(depth: 64, each: 2);
        for (int round = 0; round < 1000; round++)
        {
            _now = _pace.NextInputAt(_now);
            _pace.Waited();
            _pace.Took(_now, 32, 32 * CommandBytes, wasMissed: round % 8 == 0);
        }
        Assert.True(_pace.IsActive);
    }

    [Fact]
    public void What_is_taken_while_it_is_measured_ends_the_measurement()
    {
        Rounds(17, every: 16, pieces: 8);
        Assert.True(_pace.IsMeasuring);
        Round(every: 20, pieces: 8);
        Assert.False(_pace.IsActive);
        Rounds(1000, every: 16, pieces: 8);
        Assert.False(_pace.IsActive);
    }

    [Fact]
    public void Another_one_is_measured_at_once()
    {
        StartPacing(depth: 64, each: 2);
        _pace.Forget();
        Assert.False(_pace.IsActive);
        Rounds(17, every: 16, pieces: 8);
        Assert.True(_pace.IsMeasuring);
    }

    [Fact]
    public void Where_looks_are_cheap_a_quarter_of_all_that_is_on_its_way_is_waited_for_at_first()
    {
        InputPace amount = StartAmount(depth: 32);
        Assert.Equal(8 * CommandBytes, amount.LeastBytes);
        Assert.True(amount.IsActive);

        // No longer than it took until all had come, as far as the looks tell.
        Assert.Equal(70, amount.LatestInputAt(_now) - _now);

        // And no longer than 100 microseconds.
        amount = StartAmount(depth: 64);
        Assert.Equal(16 * CommandBytes, amount.LeastBytes);
        Assert.Equal(100, amount.LatestInputAt(_now) - _now);
    }

    [Fact]
    public void What_comes_together_at_once_is_waited_for_as_long_as_was_looked_for_more()
    {
        InputPace amount = Measured(static _ => 32 * CommandBytes);
        Assert.Equal(8 * CommandBytes, amount.LeastBytes);
        Assert.Equal(30, amount.LatestInputAt(_now) - _now);
    }

    [Theory]
    [InlineData(11, 12, 14)]
    [InlineData(12, 8, 8)]
    [InlineData(16, 8, 8)]
    [InlineData(20, 1, 3)]
    public void The_amount_grows_and_shrinks_until_three_eighths_to_half_of_the_pieces_come_together(int pieces, int least, int most)
    {
        InputPace amount = StartAmount(depth: 32);
        for (int round = 0; round < 16 * 12; round++)
            Round(amount, every: 10, pieces);
        Assert.InRange(amount.LeastBytes, least * CommandBytes, most * CommandBytes);
        for (int round = 0; round < 16 * 100; round++)
            Round(amount, every: 10, pieces);
        Assert.InRange(amount.LeastBytes, 1, 14 * CommandBytes);
    }

    [Fact]
    public void No_larger_amount_is_waited_for_than_three_eighths_of_what_is_taken_at_a_time()
    {
        InputPace amount = Measured(static _ => 4 * MostBytes);
        Assert.Equal(MostBytes / 8 * 3, amount.LeastBytes);
    }

    [Fact]
    public void An_amount_that_is_late_time_and_again_is_not_waited_for_until_the_next_measurement()
    {
        InputPace amount = StartAmount(depth: 32);
        for (int round = 0; round < 1000; round++)
        {
            if (round % 8 == 0)
                amount.WasLate();
            Round(amount, every: 10, pieces: 16);
        }
        Assert.True(amount.LeastBytes > 0);
        for (int late = 0; late < 8; late++)
            amount.WasLate();
        Assert.False(amount.IsActive);
        Rounds(amount, 1000, every: 10, pieces: 16);
        Assert.False(amount.IsActive);
    }

    [Fact]
    public void While_an_amount_is_waited_for_it_is_measured_twice_a_second()
    {
        InputPace amount = StartAmount(depth: 32);
        long begun = _now;
        while (!amount.IsMeasuring)
            Round(amount, every: 10, pieces: 16);
        Assert.InRange(_now - begun, 499_000, 500_200);
        Measure(amount, static _ => 8 * CommandBytes);
        Assert.Equal(2 * CommandBytes, amount.LeastBytes);
    }

    [Theory]
    [InlineData("nothing comes")]
    [InlineData("it never stops")]
    public void There_is_no_amount_where(string what)
    {
        InputPace amount = Measured(passed => what == "nothing comes" ? 0 : (int)passed * CommandBytes);
        Assert.False(amount.IsActive);
    }

    [Fact]
    public void A_loop_that_sleeps_waits_for_a_time_where_looks_are_cheap_too()
    {
        InputPace amount = Measured(Trickle(depth: 64, each: 2), isSpinning: false);
        Assert.Equal(0, amount.LeastBytes);
        Round(amount, every: 0, pieces: 64);
        Assert.InRange(amount.NextInputAt(_now) - _now, 60, 70);
    }

    [Theory]
    [InlineData(true, 12, true)]
    [InlineData(true, 11, false)]
    [InlineData(false, 12, false)]
    public void The_end_of_many_does_not_put_the_measurement_off_where_looks_are_cheap(bool cheapLooks, int many, bool isMeasuring)
    {
        var some = new InputPace(1, MostBytes, savesCalls: !cheapLooks);
        for (int round = 0; round < 8; round++)
        {
            Round(some, every: 12, many);
            Round(some, every: 2, pieces: 1);
        }
        Round(some, every: 12, many);
        Assert.Equal(isMeasuring, some.IsMeasuring);
    }

    [Fact]
    public void An_amount_is_not_waited_for_after_all_was_put_off_or_another_one_came()
    {
        InputPace amount = StartAmount(depth: 32);
        amount.PutOff(_now);
        Assert.False(amount.IsActive);
        amount = StartAmount(depth: 32);
        amount.Forget();
        Assert.False(amount.IsActive);
    }

    private static Func<long, int> Trickle(int depth, int each) => passed => (int)Math.Min(depth, passed / each) * CommandBytes;

    private void StartPacing(int depth, int each)
    {
        Rounds(17, every: 16, pieces: 8);
        Measure(Trickle(depth, each));
        Assert.True(_pace.IsActive);
        Round(every: 0, pieces: depth);
    }

    private InputPace StartAmount(int depth)
    {
        InputPace amount = Measured(Trickle(depth, each: 2));
        Round(amount, every: 0, pieces: depth);
        return amount;
    }

    private InputPace Measured(Func<long, int> available, bool isSpinning = true)
    {
        var measured = new InputPace(1, MostBytes, savesCalls: false);
        Rounds(measured, 17, every: 16, pieces: 8);
        Measure(measured, available, isSpinning);
        return measured;
    }

    private void Rounds(int count, int every, int pieces) => Rounds(_pace, count, every, pieces);

    private void Rounds(InputPace of, int count, int every, int pieces)
    {
        for (int round = 0; round < count; round++)
            Round(of, every, pieces);
    }

    private void Round(int every, int pieces) => Round(_pace, every, pieces);

    private void Round(InputPace of, int every, int pieces)
    {
        _now += every;
        of.Took(_now, pieces, pieces * CommandBytes, wasMissed: false);
    }

    private void PacedRound(int pieces)
    {
        _now = _pace.NextInputAt(_now);
        _pace.Waited();
        Round(every: 0, pieces);
    }

    private void Measure(Func<long, int> available, bool isSpinning = true) => Measure(_pace, available, isSpinning);

    private void Measure(InputPace of, Func<long, int> available, bool isSpinning = true)
    {
        Assert.True(of.IsMeasuring);
        long begun = _now;
        do
            _now += of.LookTicks;
        while (of.Look(_now, available(_now - begun), isSpinning));
        Assert.False(of.IsMeasuring);
    }
}
