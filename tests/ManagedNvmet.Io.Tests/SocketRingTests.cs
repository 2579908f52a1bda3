using System.Net.Sockets;

namespace ManagedNvmet.Io.Tests;

public sealed class SocketRingTests : IDisposable
{
    private readonly SocketPairs _pairs = new();
    private readonly SocketRing? _ring = SocketRing.TryCreate();

    // Keeps the pinned arrays alive, because a ring holds only their addresses.
    private readonly List<byte[]> _lent = [];

    public void Dispose()
    {
        GC.KeepAlive(_lent);
        _ring?.Dispose();
        _pairs.Dispose();
    }

    [Fact]
    public void Each_call_has_its_own_outcome()
    {
        SocketRing ring = Ring();
        (int full, Socket fullPeer) = _pairs.Connect();
        (int silent, _) = _pairs.Connect();
        (int ended, Socket endedPeer) = _pairs.Connect();
        (int sender, Socket senderPeer) = _pairs.Connect();
        fullPeer.Send([1, 2, 3]);
        endedPeer.Shutdown(SocketShutdown.Send);
        _pairs.AwaitInput(full);
        _pairs.AwaitInput(ended);
        byte[] buffer = Pinned(16);

        ring.AddReceive(full, buffer);
        ring.AddReceive(silent, Pinned(16));
        ring.AddReceive(ended, Pinned(16));
        ring.AddReceive(-1, Pinned(16));
        ring.AddSend(sender, new ReadOnlyMemory<byte>[] { Pinned(4, 7), Pinned(2, 8) });
        ring.Call();

        Assert.Equal(
            [3, -Errno.EAGAIN, 0, -Errno.EBADF, 6], Enumerable.Range(0, ring.Count).Select(ring.ResultOf));
        Assert.Equal([1, 2, 3, 0], buffer[..4]);
        Assert.Equal([7, 7, 7, 7, 8, 8], SocketPairs.Receive(senderPeer, 6));
    }

    [Fact]
    public void It_is_used_again_after_each_call()
    {
        SocketRing ring = Ring();
        (int fd, Socket peer) = _pairs.Connect();
        for (int round = 0; round < 100; round++)
        {
            for (int call = 0; call < SocketRing.MostCalls; call++)
                ring.AddSend(fd, new ReadOnlyMemory<byte>[] { Pinned(1, (byte)call) });
            Assert.Throws<InvalidOperationException>(() => ring.AddReceive(fd, Pinned(1)));
            ring.Call();
            Assert.All(Enumerable.Range(0, ring.Count), index => Assert.Equal(1, ring.ResultOf(index)));
            ring.Clear();
            Assert.Equal(
                Enumerable.Range(0, SocketRing.MostCalls).Select(static call => (byte)call),
                SocketPairs.Receive(peer, SocketRing.MostCalls));
        }
    }

    [Fact]
    public void A_send_without_room_takes_what_fits_and_then_nothing()
    {
        SocketRing ring = Ring();
        (int fd, _) = _pairs.Connect();
        SocketCalls.SetSendBuffer(fd, 4096);
        const int length = 1024 * 1024;
        var segments = new ReadOnlyMemory<byte>[64];
        Array.Fill(segments, Pinned(length));
        int result = 0;
        for (int sends = 0; sends < 1000 && result != -Errno.EAGAIN; sends++)
        {
            ring.AddSend(fd, segments);
            ring.Call();
            result = ring.ResultOf(0);
            ring.Clear();
            if (sends == 0)
                Assert.InRange(result, 1, (segments.Length * length) - 1);
        }
        Assert.Equal(-Errno.EAGAIN, result);
    }

    [Fact]
    public void Segments_beyond_the_limit_are_left_for_the_next_send()
    {
        SocketRing ring = Ring();
        (int fd, Socket peer) = _pairs.Connect();
        byte[] segment = Pinned(1, 5);
        var segments = new ReadOnlyMemory<byte>[SocketCalls.MaxSegments + 5];
        Array.Fill(segments, segment);
        ring.AddSend(fd, segments);
        ring.AddSend(fd, segments.AsSpan(0, 1));
        ring.Call();
        Assert.Equal(SocketCalls.MaxSegments, ring.ResultOf(0));
        Assert.Equal(1, ring.ResultOf(1));
        Assert.Equal(Enumerable.Repeat((byte)5, SocketCalls.MaxSegments + 1), SocketPairs.Receive(peer, SocketCalls.MaxSegments + 1));
    }

    private SocketRing Ring()
    {
        Assert.SkipWhen(_ring is null, "There is no io_uring here.");
        return _ring;
    }

    private byte[] Pinned(int length, byte value = 0)
    {
        byte[] bytes = GC.AllocateArray<byte>(length, pinned: true);
        bytes.AsSpan().Fill(value);
        _lent.Add(bytes);
        return bytes;
    }
}
