using System.Net.Sockets;

namespace ManagedNvmet.Io.Tests;

/// <summary>Receives and sends that a shard performs for its handlers, with and without io_uring.</summary>
public sealed class ShardSocketTests : IDisposable
{
    private readonly SocketPairs _pairs = new();

    public static TheoryData<DiskEngine> Engines => [DiskEngine.Auto, DiskEngine.Workers];

    public void Dispose() => _pairs.Dispose();

    [Theory]
    [MemberData(nameof(Engines))]
    public void All_that_have_input_in_a_round_get_their_own_and_all_answers_are_sent(DiskEngine engine)
    {
        // More than one system call can submit.
        const int count = (2 * SocketBatch.MaxCalls) + 3;
        using var test = new TestShard(new ShardOptions { Disk = engine });
        List<Echo> echoes = Watch(test, count);
        for (int round = 1; round <= 20; round++)
        {
            byte[][] sent = [.. echoes.Select((_, index) => Bytes(round, index))];
            test.Run(() =>
            {
                for (int index = 0; index < count; index++)
                {
                    echoes[index].Peer.Send(sent[index]);
                    _pairs.AwaitInput(echoes[index].Fd);
                }
            });
            for (int index = 0; index < count; index++)
                Assert.Equal(sent[index], SocketPairs.Receive(echoes[index].Peer, sent[index].Length));
        }
        bool hasRing = test.Get(() => test.Shard.Disk.Engine) == DiskEngine.Uring;
        int given = test.Get(() => echoes.Sum(static echo => echo.Given));
        int told = test.Get(() => echoes.Sum(static echo => echo.Told));
        Assert.Equal(20 * count, given + told);
        Assert.Equal(hasRing ? 20 * count : 0, given);
    }

    [Fact]
    public void Who_takes_nothing_that_was_received_is_told_as_always()
    {
        using var test = new TestShard();
        List<Echo> echoes = Watch(test, 4);
        test.Run(() =>
        {
            echoes[1].TakesReceived = false;
            foreach (Echo echo in echoes)
            {
                echo.Peer.Send([1]);
                _pairs.AwaitInput(echo.Fd);
            }
        });
        foreach (Echo echo in echoes)
            Assert.Equal([1], SocketPairs.Receive(echo.Peer, 1));
        Assert.Equal((0, 1), test.Get(() => (echoes[1].Given, echoes[1].Told)));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Who_throws_is_reported_and_the_others_are_served(DiskEngine engine)
    {
        var reported = new List<Exception>();
        using var test = new TestShard(new ShardOptions { Disk = engine, OnUnhandled = reported.Add });
        List<Echo> echoes = Watch(test, 6);
        echoes[1].ThrowsOn = nameof(IInputHandler.OnReceived);
        echoes[2].ThrowsOn = nameof(ISendHandler.TakeOutput);
        echoes[3].ThrowsOn = nameof(ISendHandler.OnSent);
        test.Run(() =>
        {
            foreach (Echo echo in echoes)
            {
                echo.Peer.Send([9]);
                _pairs.AwaitInput(echo.Fd);
            }
        });
        foreach (int served in (int[])[0, 3, 4, 5])
            Assert.Equal([9], SocketPairs.Receive(echoes[served].Peer, 1));
        Assert.Equal(["OnReceived", "OnSent", "TakeOutput"], test.Get(() => reported.Select(static e => e.Message).Order().ToArray()));
        Assert.Equal(0, test.Get(() => echoes[2].LastSent));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    public void Nothing_is_lost_or_reordered_while_one_socket_alone_has_much_input(int spinMicroseconds)
    {
        using var test = new TestShard(new ShardOptions { SpinMicroseconds = spinMicroseconds });
        Echo echo = Watch(test, 1)[0];
        byte[] sent = new byte[4 * 1024 * 1024];
        new Random(17).NextBytes(sent);
        var sending = Task.Run(() =>
        {
            for (int at = 0; at < sent.Length; at += 1000)
                echo.Peer.Send(sent.AsSpan(at, Math.Min(1000, sent.Length - at)));
        });
        Assert.Equal(sent, SocketPairs.Receive(echo.Peer, sent.Length));
        TestShard.Wait(sending);
    }

    [Fact]
    public void The_end_of_a_stream_reaches_those_for_whom_is_received()
    {
        using var test = new TestShard();
        List<Echo> echoes = Watch(test, 3);
        test.Run(() =>
        {
            foreach (Echo echo in echoes)
            {
                echo.Peer.Shutdown(SocketShutdown.Send);
                _pairs.AwaitInput(echo.Fd);
            }
        });
        Assert.True(SpinWait.SpinUntil(() => test.Get(() => echoes.All(static echo => echo.HasEnded)), TestShard.Patience));
    }

    private List<Echo> Watch(TestShard test, int count)
    {
        List<Echo> echoes = [.. Enumerable.Range(0, count).Select(_ => new Echo(test.Shard, _pairs.Connect()))];
        test.Run(() => echoes.ForEach(echo => test.Shard.Watch(echo.Fd, PollEvents.In, echo)));
        return echoes;
    }

    private static byte[] Bytes(int round, int index) => [.. Enumerable.Repeat((byte)(round + index), round * 7)];

    // Sends received bytes back.
    private sealed class Echo(Shard shard, (int Fd, Socket Peer) pair) : IPollHandler, IInputHandler, ISendHandler, IRoundEndHandler
    {
        private readonly List<byte> _waiting = [];
        private ReadOnlyMemory<byte>[] _output = [];
        private bool _isAtRoundEnd;

        public int Fd => pair.Fd;

        public Socket Peer => pair.Peer;

        public int Given { get; private set; }

        public int Told { get; private set; }

        public bool HasEnded { get; private set; }

        public int LastSent { get; private set; } = int.MinValue;

        public string? ThrowsOn { get; set; }

        public bool TakesReceived { get; set; } = true;

        public void OnReady(int fd, PollEvents ready)
        {
            Told++;
            int result = SocketCalls.Receive(Fd, shard.ReceiveBuffer.Span, default);
            if (result != -Errno.EAGAIN)
                Take(result, shard.ReceiveBuffer[..Math.Max(0, result)]);
        }

        public void OnReceived(int result, ReadOnlyMemory<byte> received)
        {
            Given++;
            Take(result, received);
        }

        public void OnRoundEnd()
        {
            _isAtRoundEnd = false;
            shard.SendAtRoundEnd(Fd, this);
        }

        public ReadOnlySpan<ReadOnlyMemory<byte>> TakeOutput(int place)
        {
            Assert.InRange(place, 0, SocketBatch.MaxCalls - 1);
            Throw(nameof(TakeOutput));
            byte[] pinned = GC.AllocateUninitializedArray<byte>(_waiting.Count, pinned: true);
            _waiting.CopyTo(pinned);
            return _output = [pinned];
        }

        public void OnSent(int result)
        {
            LastSent = result;
            _waiting.RemoveRange(0, Math.Max(0, result));
            if (ThrowsOn != nameof(TakeOutput) && _waiting.Count > 0)
                Wake();
            Throw(nameof(OnSent));
        }

        private void Take(int result, ReadOnlyMemory<byte> received)
        {
            Throw(nameof(OnReceived));
            if (result <= 0)
            {
                HasEnded = result == 0;
                shard.Rewatch(Fd, PollEvents.None);
                return;
            }
            _waiting.AddRange(received.Span);
            Wake();
        }

        private void Wake()
        {
            if (_isAtRoundEnd)
                return;
            _isAtRoundEnd = true;
            shard.AtRoundEnd(this);
        }

        private void Throw(string method)
        {
            if (ThrowsOn != method)
                return;
            ThrowsOn = method == nameof(OnReceived) ? "" : method;
            throw new InvalidOperationException(method);
        }
    }
}
