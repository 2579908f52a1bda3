using System.Net.Sockets;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Io.Native;
using ManagedNvmet.Io.Sockets;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Closes a socket in the order that a host expects: first the end of our stream, and the socket only when the host has closed its
/// side, or after a while.</summary>
/// <remarks>
/// What the host still sends is read and dropped meanwhile. A socket that is closed at once answers it with a reset, and a reset after
/// the end of the stream is a broken pipe on the other side: the stock Linux host then sends SIGPIPE to whichever process was just
/// submitting I/O, which kills it. Belongs to the shard's thread.
/// </remarks>
internal sealed class Farewell : IPollHandler, ITimerHandler
{
    private readonly Shard _shard;
    private readonly int _fd;
    private readonly Action _closed;
    private readonly ShardTimer _timer;

    private Farewell(Shard shard, int fd, Action closed)
    {
        _shard = shard;
        _fd = fd;
        _closed = closed;
        _timer = new ShardTimer(this);
    }

    /// <summary>Begins to close a socket that the shard does not watch.</summary>
    /// <param name="shard">The shard whose thread this is.</param>
    /// <param name="fd">The socket; all that was to be sent has been given to the kernel.</param>
    /// <param name="milliseconds">How long the host may take.</param>
    /// <param name="closed">Called when the socket has been closed.</param>
    public static void Begin(Shard shard, int fd, int milliseconds, Action closed)
    {
        var farewell = new Farewell(shard, fd, closed);
        if (SocketCalls.Shutdown(fd, SocketShutdown.Send) < 0)
        {
            SocketCalls.Close(fd);
            closed();
            return;
        }
        shard.Watch(fd, PollEvents.In, farewell);
        shard.Schedule(farewell._timer, shard.Now + milliseconds);
    }

    /// <inheritdoc/>
    public void OnReady(int readyFd, PollEvents ready)
    {
        // Once a round, so that a host that sends on and on does not keep the others waiting.
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
