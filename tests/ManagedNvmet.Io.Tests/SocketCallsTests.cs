using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.Io.Tests;

public sealed class SocketCallsTests : IDisposable
{
    private readonly List<int> _open = [];

    public void Dispose() => _open.ForEach(fd => SocketCalls.Close(fd));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void A_connection_is_accepted_and_knows_both_addresses(string address)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6 || !address.Contains(':'), "No IPv6 here.");
        (int server, Socket client) = Connect(IPAddress.Parse(address));
        using (client)
        {
            Assert.Equal(client.LocalEndPoint, SocketCalls.PeerEndPoint(server));
            Assert.Equal(client.RemoteEndPoint, SocketCalls.LocalEndPoint(server));
        }
    }

    [Fact]
    public void Nothing_to_accept_or_receive_is_EAGAIN_and_a_bad_descriptor_EBADF()
    {
        int listener = Listen(IPAddress.Loopback);
        Assert.Equal(-Errno.EAGAIN, SocketCalls.Accept(listener));
        (int server, Socket client) = Connect(IPAddress.Loopback);
        using (client)
            Assert.Equal(-Errno.EAGAIN, SocketCalls.Receive(server, new byte[10], default));
        Assert.Equal(-Errno.EBADF, SocketCalls.Receive(-1, new byte[10], default));
        Assert.Null(SocketCalls.PeerEndPoint(-1));
    }

    [Fact]
    public void An_address_in_use_or_not_of_this_machine_is_said_so()
    {
        int listener = Listen(IPAddress.Loopback);
        Assert.Equal(-Errno.EADDRINUSE, SocketCalls.Listen(SocketCalls.LocalEndPoint(listener)!, 1));
        Assert.Equal(-Errno.EADDRNOTAVAIL, SocketCalls.Listen(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0), 1));
    }

    [Fact]
    public void Segments_arrive_in_order_and_fill_both_parts()
    {
        (int server, Socket client) = Connect(IPAddress.Loopback);
        using (client)
        {
            var segments = new ReadOnlyMemory<byte>[SocketCalls.MaxSegments + 5];
            for (int i = 0; i < segments.Length; i++)
            {
                byte[] segment = GC.AllocateArray<byte>(3, pinned: true);
                segment.AsSpan().Fill((byte)i);
                segments[i] = segment;
            }
            Assert.Equal(3 * SocketCalls.MaxSegments, SocketCalls.Send(server, segments));
            byte[] received = new byte[3 * SocketCalls.MaxSegments];
            client.ReceiveTimeout = 5000;
            for (int done = 0; done < received.Length;)
                done += client.Receive(received, done, received.Length - done, SocketFlags.None);
            for (int i = 0; i < received.Length; i++)
                Assert.Equal((byte)(i / 3), received[i]);

            client.Send([1, 2, 3, 4, 5, 6]);
            byte[] first = new byte[4];
            byte[] second = new byte[4];
            Assert.True(client.Poll(0, SelectMode.SelectWrite));
            Assert.Equal(6, SocketCalls.Receive(server, first, second));
            Assert.Equal([1, 2, 3, 4], first);
            Assert.Equal([5, 6, 0, 0], second);
        }
    }

    [Fact]
    public void A_full_send_buffer_takes_a_part_and_then_EAGAIN()
    {
        (int server, Socket client) = Connect(IPAddress.Loopback);
        using (client)
        {
            Assert.True(SocketCalls.SetSendBuffer(server, 64 * 1024) >= 0);
            ReadOnlyMemory<byte>[] segments = [GC.AllocateArray<byte>(1024 * 1024, pinned: true)];
            int result;
            for (int i = 0; (result = SocketCalls.Send(server, segments)) > 0 && i < 100; i++)
            {
            }
            Assert.Equal(-Errno.EAGAIN, result);
        }
    }

    [Fact]
    public void The_congestion_control_is_one_of_the_kernel_s()
    {
        (int server, Socket client) = Connect(IPAddress.Loopback);
        using (client)
        {
            Assert.True(SocketCalls.SetCongestionControl(server, "reno") >= 0);
            Assert.Equal("reno", SocketCalls.GetCongestionControl(server));
            Assert.Equal(-Errno.ENOENT, SocketCalls.SetCongestionControl(server, "no-such-one"));
            Assert.Equal(-Errno.ENOENT, SocketCalls.SetCongestionControl(server, "a-name-that-is-longer-than-any"));
            Assert.Equal("reno", SocketCalls.GetCongestionControl(server));
        }
    }

    [Fact]
    public void The_round_trip_of_a_connection_is_known()
    {
        (int server, Socket client) = Connect(IPAddress.Loopback);
        using (client)
            Assert.InRange(SocketCalls.RoundTripMicroseconds(server), 1, 1_000_000);
        Assert.Equal(-Errno.EBADF, SocketCalls.RoundTripMicroseconds(-1));
    }

    [Fact]
    public void A_peer_that_closes_ends_the_stream_and_one_that_resets_fails_it()
    {
        (int server, Socket client) = Connect(IPAddress.Loopback);
        client.Dispose();
        Assert.Equal(0, Receive(server));

        (server, client) = Connect(IPAddress.Loopback);
        client.LingerState = new LingerOption(true, 0);
        client.Dispose();
        Assert.Equal(-Errno.ECONNRESET, Receive(server));
        Assert.Equal(-Errno.EPIPE, SocketCalls.Send(server, [GC.AllocateArray<byte>(1, pinned: true)]));
    }

    [Fact]
    public void A_reset_on_close_reaches_the_peer()
    {
        (int server, Socket client) = Connect(IPAddress.Loopback);
        using (client)
        {
            Assert.True(SocketCalls.SetResetOnClose(server) >= 0);
            Assert.True(SocketCalls.SetNoDelay(server) >= 0);
            Assert.True(SocketCalls.SetKeepAliveOff(server) >= 0);
            Assert.Equal(0, SocketCalls.TakeError(server));
            _open.Remove(server);
            SocketCalls.Close(server);
            client.ReceiveTimeout = 5000;
            var e = Assert.Throws<SocketException>(() => client.Receive(new byte[1]));
            Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        }
    }

    [Fact]
    public void A_shutdown_of_sending_is_the_end_of_the_stream_for_the_peer()
    {
        (int server, Socket client) = Connect(IPAddress.Loopback);
        using (client)
        {
            Assert.Equal(0, SocketCalls.Shutdown(server, SocketShutdown.Send));
            client.ReceiveTimeout = 5000;
            Assert.Equal(0, client.Receive(new byte[1]));
        }
    }

    private static int Receive(int fd)
    {
        int result = -Errno.EAGAIN;
        SpinWait.SpinUntil(() => (result = SocketCalls.Receive(fd, new byte[1], default)) != -Errno.EAGAIN, TestShard.Patience);
        return result;
    }

    private int Listen(IPAddress address)
    {
        int listener = SocketCalls.Listen(new IPEndPoint(address, 0), 16);
        Assert.True(listener >= 0, $"listen gave {listener}");
        _open.Add(listener);
        return listener;
    }

    private (int Server, Socket Client) Connect(IPAddress address)
    {
        int listener = Listen(address);
        var client = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(SocketCalls.LocalEndPoint(listener)!);
        int server = -Errno.EAGAIN;
        SpinWait.SpinUntil(() => (server = SocketCalls.Accept(listener)) != -Errno.EAGAIN, TestShard.Patience);
        Assert.True(server >= 0, $"accept gave {server}");
        _open.Add(server);
        return (server, client);
    }
}
