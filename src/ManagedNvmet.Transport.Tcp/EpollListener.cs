using System.Net;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Io.Native;
using ManagedNvmet.Io.Sockets;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Accepts NVMe/TCP connections on the epoll loop of a shard.</summary>
public sealed class EpollListener : ITransportListener
{
    private readonly TcpTransportOptions _options;
    private readonly ListenerConnections _connections;
    private readonly ILogger _logger;
    private readonly List<AcceptSocket> _sockets = [];

    /// <param name="options">The addresses and the options of connections.</param>
    /// <param name="connections">Admits connections and places them on shards.</param>
    /// <param name="logger">Receives internal errors.</param>
    public EpollListener(TcpTransportOptions options, ListenerConnections connections, ILogger logger)
    {
        _options = options;
        _connections = connections;
        _logger = logger;
    }

    /// <inheritdoc/>
    public IReadOnlyList<IPEndPoint> EndPoints => _sockets.ConvertAll(socket => socket.EndPoint);

    /// <inheritdoc/>
    public int ConnectionCount => _connections.Count;

    // The shard that accepts connections.
    private Shard Shard => _connections.Shards[0].Shard;

    /// <inheritdoc/>
    public void Bind()
    {
        foreach (IPEndPoint endPoint in _options.EndPoints)
        {
            int fd = SocketCalls.Listen(endPoint, _options.Backlog);
            if (fd < 0)
            {
                foreach (AcceptSocket socket in _sockets)
                    SocketCalls.Close(socket.Descriptor);
                _sockets.Clear();
                throw new ListenException(endPoint, -fd);
            }
            _sockets.Add(new AcceptSocket(this, fd, SocketCalls.LocalEndPoint(fd) ?? endPoint));
        }
    }

    /// <inheritdoc/>
    public void Start()
    {
        foreach (AcceptSocket socket in _sockets)
            Shard.Post(static state => ((AcceptSocket)state!).Begin(), socket);
    }

    /// <inheritdoc/>
    public Task StopAcceptingAsync()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Shard.Post(_ =>
        {
            foreach (AcceptSocket socket in _sockets)
                socket.End();
            stopped.SetResult();
        }, null);
        return stopped.Task;
    }

    /// <inheritdoc/>
    public Task DrainAsync(CancellationToken cancellationToken) => _connections.DrainAsync(cancellationToken);

    private void Accepted(int fd)
    {
        if (SocketCalls.PeerEndPoint(fd) is not { } remote)
        {
            // The host closed the connection before it was accepted.
            SocketCalls.Close(fd);
            return;
        }
        if (_connections.TryAdd(SocketCalls.LocalEndPoint(fd), remote, (context, closed) => CreateTransport(context, fd, closed)))
            return;

        // Closes with a reset, because a normal close would leave the connection in TIME_WAIT in the kernel.
        SocketCalls.SetResetOnClose(fd);
        SocketCalls.Close(fd);
    }

    private SocketTransport CreateTransport(ShardContext context, int fd, Action<SocketTransport> closed)
    {
        if (_options.SendBufferBytes > 0)
            SocketCalls.SetSendBuffer(fd, _options.SendBufferBytes);
        CongestionControl.Choose(fd, _options.CongestionControl);
        return new SocketTransport(context, fd, closed, _logger) { FarewellMilliseconds = _options.FarewellMilliseconds };
    }

    /// <summary>A listening socket on the first shard.</summary>
    private sealed class AcceptSocket : IPollHandler, ITimerHandler
    {
        // Limits the accepts so that many new connections do not delay the other work of the shard.
        private const int MaxAcceptsPerRound = 64;

        private readonly EpollListener _listener;
        private readonly ShardTimer _retry;
        private bool _isWatched;
        private bool _isEnded;

        public AcceptSocket(EpollListener listener, int fd, IPEndPoint endPoint)
        {
            _listener = listener;
            _retry = new ShardTimer(this);
            Descriptor = fd;
            EndPoint = endPoint;
        }

        public int Descriptor { get; }

        public IPEndPoint EndPoint { get; }

        private Shard Shard => _listener.Shard;

        public void Begin()
        {
            if (_isEnded)
                return;
            Shard.Watch(Descriptor, PollEvents.In, this);
            _isWatched = true;
        }

        public void End()
        {
            if (_isEnded)
                return;
            _isEnded = true;

            Shard.Cancel(_retry);

            // A listener that is stopped before its start is bound but not watched.
            if (_isWatched)
                Shard.Unwatch(Descriptor);
            SocketCalls.Close(Descriptor);
        }

        public void OnReady(int readyFd, PollEvents ready)
        {
            for (int count = 0; count < MaxAcceptsPerRound; count++)
            {
                int accepted = SocketCalls.Accept(Descriptor);
                if (accepted >= 0)
                {
                    _listener.Accepted(accepted);
                    continue;
                }
                if (accepted is -Errno.EMFILE or -Errno.ENFILE or -Errno.ENOBUFS or -Errno.ENOMEM)
                {
                    // Waits, because a retry at once would only use CPU time. The kernel keeps the connections in its backlog meanwhile.
                    int delay = _listener._options.AcceptRetryMilliseconds;
                    _listener._connections.ReportNoDescriptor(EndPoint, $"errno {-accepted}", delay);
                    Shard.Rewatch(Descriptor, PollEvents.None);
                    Shard.Schedule(_retry, Shard.Now + delay);
                    return;
                }
                if (accepted == -Errno.EAGAIN)
                    return;
            }
        }

        public void OnTimer(long now) => Shard.Rewatch(Descriptor, PollEvents.In);
    }
}
