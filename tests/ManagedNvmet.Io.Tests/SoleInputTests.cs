namespace ManagedNvmet.Io.Tests;

public sealed class SoleInputTests
{
    private const long Limit = 100;
    private const int Fd = 7;
    private const int OtherFd = 8;

    private readonly SoleInput _sole = new(Limit, savesCalls: true, new InputPace(1, 256 * 1024, savesCalls: true));
    private readonly Input _handler = new();

    [Fact]
    public void Who_alone_had_input_five_times_may_be_asked()
    {
        for (int look = 0; look < 4; look++)
        {
            _sole.FoundOne(_handler, Fd, 0);
            Assert.False(_sole.MayAsk(0));
        }
        _sole.FoundOne(_handler, Fd, 0);
        Assert.True(_sole.MayAsk(0));
        Assert.Same(_handler, _sole.Handler);
    }

    [Fact]
    public void The_others_are_looked_at_when_the_limit_has_passed()
    {
        Settle();
        Assert.True(_sole.MayAsk(Limit - 1));
        Assert.False(_sole.MayAsk(Limit));
        _sole.FoundNone(Limit);
        Assert.True(_sole.MayAsk((2 * Limit) - 1));
        Assert.False(_sole.MayAsk(2 * Limit));
    }

    [Theory]
    [InlineData("another")]
    [InlineData("several")]
    [InlineData("unwatched")]
    public void Input_of_others_or_none_any_more_ends_it(string what)
    {
        Settle();
        if (what == "another")
            _sole.FoundOne(new Input(), OtherFd, 0);
        else if (what == "several")
            _sole.Forget();
        else
            _sole.Unwatched(Fd);
        Assert.False(_sole.MayAsk(0));
        _sole.FoundOne(_handler, Fd, 0);
        Assert.False(_sole.MayAsk(0));
    }

    [Fact]
    public void That_another_descriptor_is_not_watched_any_more_changes_nothing()
    {
        Settle();
        _sole.Unwatched(OtherFd);
        Assert.True(_sole.MayAsk(0));
    }

    [Fact]
    public void A_handler_that_cannot_be_asked_never_is()
    {
        for (int look = 0; look < 1000; look++)
            _sole.FoundOne(new Watcher(), Fd, 0);
        Assert.False(_sole.MayAsk(0));
        Assert.Null(_sole.Handler);
    }

    [Fact]
    public void Asking_in_vain_ends_it_for_a_while_unless_nothing_is_lost()
    {
        Settle();
        _sole.Missed(isSpinning: true);
        Assert.True(_sole.MayAsk(0));
        _sole.Missed(isSpinning: false);
        int looks = 0;
        while (!_sole.MayAsk(0))
        {
            _sole.FoundOne(_handler, Fd, 0);
            looks++;
        }
        Assert.Equal(32, looks);
    }

    [Theory]
    [InlineData(1, 2, true)]
    [InlineData(2, 3, false)]
    [InlineData(20, 12, false)]
    [InlineData(8, 8, true)]
    public void What_was_waited_for_and_comes_now_more_now_fewer_at_a_time_is_a_trickle_and_not_asked_for(int before, int pieces, bool mayAsk)
    {
        Settle();
        EndRound(before);
        _sole.Missed(isSpinning: true);
        EndRound(pieces);
        Assert.Equal(mayAsk, _sole.MayAsk(0));
        EndRound(pieces + 1);
        Assert.True(_sole.MayAsk(0));
    }

    [Fact]
    public void A_look_that_finds_none_is_waiting_too()
    {
        Settle();
        EndRound(20);
        _sole.FoundNone(0);
        EndRound(12);
        Assert.False(_sole.MayAsk(0));
    }

    [Fact]
    public void Rounds_without_its_input_change_nothing_of_a_trickle()
    {
        Settle();
        EndRound(20);
        _sole.FoundNone(0);
        _sole.EndRound(0);
        EndRound(12);
        Assert.False(_sole.MayAsk(0));
        _sole.EndRound(0);
        Assert.False(_sole.MayAsk(0));
        _sole.FoundOne(_handler, Fd, 0);
        _sole.EndRound(0);
        Assert.True(_sole.MayAsk(0));
    }

    [Theory]
    [InlineData(7, false)]
    [InlineData(8, true)]
    public void More_may_be_received_early_where_many_come_and_were_not_waited_for(int pieces, bool mayReceiveMore)
    {
        Settle();
        EndRound(pieces);
        Assert.Equal(mayReceiveMore, _sole.MayReceiveMore(0));
        _sole.Missed(isSpinning: true);
        EndRound(pieces);
        Assert.False(_sole.MayReceiveMore(0));
        EndRound(pieces);
        Assert.Equal(mayReceiveMore, _sole.MayReceiveMore(0));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(7, true)]
    [InlineData(8, false)]
    [InlineData(32, false)]
    public void Where_calls_are_cheap_only_few_pieces_are_asked_for_and_nothing_is_received_early(int pieces, bool mayAsk)
    {
        var cheap = new SoleInput(Limit, savesCalls: false, new InputPace(1, 256 * 1024, savesCalls: false));
        for (int round = 0; round < 6; round++)
        {
            cheap.FoundOne(_handler, Fd, 0);
            _handler.InputPieces = pieces;
            cheap.EndRound(0);
        }
        Assert.Equal(mayAsk, cheap.MayAsk(0));
        Assert.False(cheap.MayReceiveMore(0));
    }

    [Fact]
    public void Who_is_not_alone_any_more_is_not_waited_for_and_is_again_when_it_is_alone_for_long()
    {
        StartPacing(_sole);
        _sole.FoundOne(new Input(), OtherFd, 0);
        Assert.False(_sole.IsPaced);
        for (int look = 0; look < 4; look++)
        {
            _sole.FoundOne(_handler, Fd, 0);
            Assert.False(_sole.IsPaced);
        }
        _sole.FoundOne(_handler, Fd, 0);
        Assert.True(_sole.IsPaced);
    }

    [Fact]
    public void Nobody_inherits_the_waits_of_another()
    {
        StartPacing(_sole);
        for (int look = 0; look < 5; look++)
            _sole.FoundOne(_handler, OtherFd, 0);
        Assert.False(_sole.IsPaced);
        EndRound(8);
        Assert.False(_sole.IsPaced);
    }

    [Fact]
    public void A_descriptor_that_is_used_again_is_another_one()
    {
        StartPacing(_sole);
        _sole.Unwatched(Fd);
        Settle();
        Assert.False(_sole.IsPaced);
        EndRound(8);
        Assert.False(_sole.IsPaced);
    }

    [Fact]
    public void Who_is_waited_for_may_be_asked_and_nothing_is_received_early()
    {
        StartPacing(_sole);
        _sole.Missed(isSpinning: false);
        Assert.True(_sole.MayAsk(0));
        Assert.False(_sole.MayReceiveMore(0));
    }

    [Fact]
    public void Who_is_waited_for_until_so_much_has_come_is_not_asked()
    {
        var cheap = new SoleInput(Limit, savesCalls: false, new InputPace(1, 256 * 1024, savesCalls: false));
        StartPacing(cheap);
        Assert.True(cheap.Pace.LeastBytes > 0);
        EndRound(cheap, 1);
        Assert.False(cheap.MayAsk(0));
    }

    private void StartPacing(SoleInput input)
    {
        Settle(input);
        for (int round = 0; round < 17; round++)
            EndRound(input, 8);
        Assert.True(input.IsPaced);
        long now = 0;
        do
            now += 10;
        while (input.Pace.Look(now, (int)Math.Min(now, 100), isSpinning: true));
        Assert.True(input.IsPaced);
    }

    private void EndRound(int pieces) => EndRound(_sole, pieces);

    private void EndRound(SoleInput input, int pieces)
    {
        _handler.InputPieces = pieces;
        input.Took();
        input.EndRound(0);
    }

    private void Settle() => Settle(_sole);

    private void Settle(SoleInput input)
    {
        for (int look = 0; look < 5; look++)
            input.FoundOne(_handler, Fd, 0);
        Assert.True(input.MayAsk(0));
        Assert.Equal(Fd, input.Fd);
    }

    private class Watcher : IPollHandler
    {
        public void OnReady(int fd, PollEvents ready)
        {
        }
    }

    private sealed class Input : Watcher, IInputHandler
    {
        public int InputPieces { get; set; }

        public int InputBytes => InputPieces * 72;

        public int WaitingBytes => 0;

        public bool TakesReceived => true;

        public bool TryTakeInput() => true;

        public void OnReceived(int result, ReadOnlyMemory<byte> received)
        {
        }
    }
}
