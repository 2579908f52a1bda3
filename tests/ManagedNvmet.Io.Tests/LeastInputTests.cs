using System.Net.Sockets;

namespace ManagedNvmet.Io.Tests;

public sealed class LeastInputTests : IDisposable
{
    private readonly SocketPairs _pairs = new();
    private readonly PollTable _polls = new();
    private readonly LeastInput _least = new();

    public void Dispose()
    {
        _polls.Dispose();
        _pairs.Dispose();
    }

    [Fact]
    public void Nothing_is_told_before_so_much_has_come()
    {
        var (fd, peer) = Connect();
        _least.Require(fd, 100, latest: 5);
        peer.Send(new byte[99]);
        Assert.True(SpinWait.SpinUntil(() => SocketCalls.Available(fd) == 99, TestShard.Patience));
        Assert.Equal(0, _polls.Wait(0));
        peer.Send(new byte[1]);
        Assert.Equal(1, _polls.Wait((int)TestShard.Patience.TotalMilliseconds));
    }

    [Fact]
    public void What_has_come_is_told_when_it_is_released()
    {
        var (fd, peer) = Connect();
        _least.Require(fd, 100, latest: 5);
        peer.Send(new byte[99]);
        Assert.True(SpinWait.SpinUntil(() => SocketCalls.Available(fd) == 99, TestShard.Patience));
        _least.Release(fd + 1);
        Assert.Equal(0, _polls.Wait(0));
        _least.Release(fd);
        Assert.Equal(1, _polls.Wait(0));
    }

    [Fact]
    public void Who_was_the_one_before_is_told_of_everything_again()
    {
        var (fd, peer) = Connect();
        var (other, otherPeer) = Connect();
        _least.Require(fd, 100, latest: 5);
        _least.Require(other, 100, latest: 5);
        otherPeer.Send(new byte[1]);
        Assert.True(SpinWait.SpinUntil(() => SocketCalls.Available(other) == 1, TestShard.Patience));
        Assert.Equal(0, _polls.Wait(0));
        peer.Send(new byte[1]);
        Assert.Equal(1, _polls.Wait((int)TestShard.Patience.TotalMilliseconds));
        _polls.Take(0, out int ready, out _);
        Assert.Equal(fd, ready);
    }

    [Fact]
    public void The_end_of_what_the_peer_sends_is_told()
    {
        var (fd, peer) = Connect();
        _least.Require(fd, 100, latest: 5);
        peer.Send(new byte[1]);
        peer.Shutdown(SocketShutdown.Send);
        Assert.Equal(1, _polls.Wait((int)TestShard.Patience.TotalMilliseconds));
    }

    [Fact]
    public void It_is_late_from_the_time_on_that_was_told_last()
    {
        var (fd, _) = Connect();
        Assert.False(_least.IsLate(long.MaxValue));
        Assert.Equal(3, _least.LatestOr(3));
        _least.Require(fd, 100, latest: 5);
        _least.Require(fd, 100, latest: 6);
        Assert.False(_least.IsLate(5));
        Assert.True(_least.IsLate(6));
        Assert.Equal(6, _least.LatestOr(3));
        _least.Release();
        Assert.False(_least.IsLate(6));
        Assert.Equal(3, _least.LatestOr(3));
    }

    private (int Fd, Socket Peer) Connect()
    {
        var pair = _pairs.Connect();
        _polls.Watch(pair.Fd, PollEvents.In, new Nobody());
        return pair;
    }

    private sealed class Nobody : IPollHandler
    {
        public void OnReady(int fd, PollEvents ready)
        {
        }
    }
}
