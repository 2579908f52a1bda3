using System.Net.Sockets;

namespace ManagedNvmet.Io.Tests;

/// <summary>What epoll reports of a socket whose mark is above one byte.</summary>
public sealed class ReceiveLowWaterTests : IDisposable
{
    private const int Mark = 32 * 1024;

    private readonly SocketPairs _pairs = new();
    private readonly PollTable _polls = new();

    public void Dispose()
    {
        _polls.Dispose();
        _pairs.Dispose();
    }

    [Fact]
    public void A_socket_is_readable_from_the_mark_on_and_not_one_byte_earlier()
    {
        var (fd, peer) = Connect();
        Assert.Equal(0, SocketCalls.SetReceiveLowWater(fd, Mark));
        Assert.Equal(Mark, SocketCalls.GetReceiveLowWater(fd));
        peer.Send(new byte[Mark - 1]);
        Assert.True(SpinWait.SpinUntil(() => Waiting(fd) == Mark - 1, TestShard.Patience));
        Assert.Equal(0, _polls.Wait(0));
        peer.Send(new byte[1]);
        Assert.Equal(1, _polls.Wait((int)TestShard.Patience.TotalMilliseconds));
    }

    [Fact]
    public void Bytes_below_the_mark_are_reported_when_the_mark_is_lowered()
    {
        var (fd, peer) = Connect();
        SocketCalls.SetReceiveLowWater(fd, Mark);
        peer.Send(new byte[10]);
        Assert.True(SpinWait.SpinUntil(() => Waiting(fd) == 10, TestShard.Patience));
        Assert.Equal(0, _polls.Wait(0));
        SocketCalls.SetReceiveLowWater(fd, 1);
        Assert.Equal(1, _polls.Wait(0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_end_of_the_stream_and_a_reset_are_reported_below_the_mark(bool isReset)
    {
        var (fd, peer) = Connect();
        SocketCalls.SetReceiveLowWater(fd, Mark);
        peer.Send(new byte[1]);
        Assert.True(SpinWait.SpinUntil(() => Waiting(fd) == 1, TestShard.Patience));
        if (isReset)
        {
            peer.LingerState = new LingerOption(true, 0);
            peer.Close();
        }
        else
        {
            peer.Shutdown(SocketShutdown.Send);
        }
        Assert.Equal(1, _polls.Wait((int)TestShard.Patience.TotalMilliseconds));
    }

    [Fact]
    public void A_receive_buffer_that_is_smaller_than_the_mark_lowers_it_so_that_all_arrives()
    {
        var (fd, peer) = Connect();
        SocketCalls.SetReceiveBuffer(fd, 4096);
        SocketCalls.SetReceiveLowWater(fd, Mark);
        var sending = Task.Run(() => peer.Send(new byte[8 * Mark]));
        byte[] buffer = new byte[Mark];
        for (int have = 0; have < 8 * Mark;)
        {
            Assert.Equal(1, _polls.Wait((int)TestShard.Patience.TotalMilliseconds));
            have += SocketCalls.Receive(fd, buffer, default);
        }
        TestShard.Wait(sending);
    }

    private static int Waiting(int fd)
    {
        using var socket = new Socket(new SafeSocketHandle(fd, ownsHandle: false));
        return socket.Available;
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
