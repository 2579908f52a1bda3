using ManagedNvmet.Io.Sockets;

namespace ManagedNvmet.Io.Loop;

/// <summary>The one socket, if any, of which the kernel tells that it has input only when so much has come (<c>SO_RCVLOWAT</c>).</summary>
/// <remarks>An end of what the peer sends is told of all the same. Belongs to one thread.</remarks>
internal sealed class LeastInput
{
    private int _fd = -1;
    private int _bytes;
    private long _latest;

    /// <summary>It was to have come by now.</summary>
    public bool IsLate(long now) => _fd >= 0 && now >= _latest;

    /// <summary>When it is late, or another time where there is no such socket.</summary>
    public long LatestOr(long other) => _fd >= 0 ? _latest : other;

    /// <summary>Nothing is told of the socket before so many bytes have come. A system call only where that is new.</summary>
    /// <param name="fd">A connected socket, to be released before it is closed.</param>
    /// <param name="bytes">What is to come.</param>
    /// <param name="latest">When it is late, in ticks.</param>
    public void Require(int fd, int bytes, long latest)
    {
        _latest = latest;
        if (fd == _fd && bytes == _bytes)
            return;
        if (fd != _fd)
            Release();

        // Where that cannot be had, it is told of at once, as ever.
        SocketCalls.SetLeastInput(fd, bytes);
        _fd = fd;
        _bytes = bytes;
    }

    /// <summary>Whatever comes is told of again.</summary>
    public void Release()
    {
        if (_fd < 0)
            return;
        SocketCalls.SetLeastInput(_fd, 1);
        _fd = -1;
    }

    /// <summary>The socket is of no more interest here, if it is that one.</summary>
    public void Release(int fd)
    {
        if (fd == _fd)
            Release();
    }
}
