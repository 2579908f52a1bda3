using System.Net.Sockets;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Io.Native;
using ManagedNvmet.Io.Sockets;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Lingering close of a socket: shuts down the sending direction, and closes the socket when the host has closed its side or the
/// timeout has passed.</summary>
/// <remarks>
/// Meanwhile it discards everything that the host sends. If the socket were closed at once, the kernel would answer that data with a reset.
/// A Linux host that sends after the end of the stream and then gets a reset sends SIGPIPE to the process that submitted I/O, which kills
/// it. Used on the shard's thread only.
/// </remarks>
internal sealed class LingeringClose : IPollHandler, ITimerHandler
{
    private readonly Shard _shard;
    private readonly int _fd;
    private readonly Action _closed;
    private readonly ShardTimer _timer;

    private LingeringClose(Shard shard, int fd, Action closed)
    {
        _shard = shard;
        _fd = fd;
        _closed = closed;
        _timer = new ShardTimer(this);
    }

    /// <summary>Starts to close a socket that the shard does not watch.</summary>
    /// <param name="shard">The shard of the current thread.</param>
    /// <param name="fd">File descriptor of the socket. The kernel must already have all data to send.</param>
    /// <param name="milliseconds">Time after which the socket is closed even if the host has not closed its side.</param>
    /// <param name="closed">Called on the shard's thread when the socket is closed.</param>
    public static void Begin(Shard shard, int fd, int milliseconds, Action closed)
    {
        var close = new LingeringClose(shard, fd, closed);
        if (SocketCalls.Shutdown(fd, SocketShutdown.Send) < 0)
        {
            SocketCalls.Close(fd);
            closed();
            return;
        }
        shard.Watch(fd, PollEvents.In, close);
        shard.Schedule(close._timer, shard.Now + milliseconds);
    }

    /// <inheritdoc/>
    public void OnReady(int readyFd, PollEvents ready)
    {
        // Receives once per round, so that a host that sends without end does not delay other connections.
        int count = SocketCalls.Receive(_fd, _shard.ReceiveBuffer.Span, default);
        if (count <= 0 && count != -Errno.EAGAIN)
            End();
    }

    /// <inheritdoc/>
    public void OnTimer(long now) => End();

    private void End()
    {
        _shard.Cancel(_timer);
        _shard.Unwatch(_fd);
        SocketCalls.Close(_fd);
        _closed();
    }
}
