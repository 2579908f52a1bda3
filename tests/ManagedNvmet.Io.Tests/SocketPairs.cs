using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.Io.Tests;

/// <summary>TCP connections on the loopback interface: one end as a file descriptor, the other as a socket.</summary>
internal sealed class SocketPairs : IDisposable
{
    private readonly int _listener = SocketCalls.Listen(new IPEndPoint(IPAddress.Loopback, 0), 64);
    private readonly List<int> _open = [];
    private readonly List<Socket> _peers = [];

    public (int Fd, Socket Peer) Connect()
    {
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _peers.Add(peer);
        peer.Connect(SocketCalls.LocalEndPoint(_listener)!);
        int fd = -Errno.EAGAIN;
        Assert.True(SpinWait.SpinUntil(() => (fd = SocketCalls.Accept(_listener)) != -Errno.EAGAIN, TestShard.Patience));
        Assert.InRange(fd, 0, int.MaxValue);
        _open.Add(fd);
        return (fd, peer);
    }

    /// <summary>Waits until the descriptor is readable: data or the end of the stream has arrived.</summary>
    public void AwaitInput(int fd)
    {
        using var polls = new PollTable();
        polls.Watch(fd, PollEvents.In, new Nobody());
        Assert.Equal(1, polls.Wait((int)TestShard.Patience.TotalMilliseconds));
    }

    public static byte[] Receive(Socket peer, int count)
    {
        byte[] bytes = new byte[count];
        peer.ReceiveTimeout = (int)TestShard.Patience.TotalMilliseconds;
        for (int have = 0; have < count;)
        {
            int received = peer.Receive(bytes, have, count - have, SocketFlags.None);
            Assert.NotEqual(0, received);
            have += received;
        }
        return bytes;
    }

    public void Dispose()
    {
        _peers.ForEach(static peer => peer.Dispose());
        _open.ForEach(static fd => SocketCalls.Close(fd));
        SocketCalls.Close(_listener);
    }

    private sealed class Nobody : IPollHandler
    {
        public void OnReady(int fd, PollEvents ready)
        {
        }
    }
}
