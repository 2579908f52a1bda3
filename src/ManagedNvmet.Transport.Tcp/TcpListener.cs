using System.Net;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Io.Native;
using ManagedNvmet.Io.Sockets;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Slots;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Accepts NVMe/TCP connections and spreads them over shards.</summary>
public sealed partial class TcpListener
{
    private readonly TcpTransportOptions _options;
    private readonly ConnectionLimits _limits;
    private readonly IReadOnlyList<ShardContext> _shards;
    private readonly Func<ControllerConnection, ICommandHandler> _createHandler;
    private readonly IConnectionAdmission _admission;
    private readonly ILogger _logger;
    private readonly ClosedConnectionLog _closedLog;
    private readonly List<AcceptSocket> _sockets = [];
    private readonly ShardPlacement _placement;
    private TaskCompletionSource? _drained;

    /// <param name="options">Where to listen.</param>
    /// <param name="limits">The limits of every connection.</param>
    /// <param name="shards">The shards, started; connections are spread evenly over them.</param>
    /// <param name="createHandler">Makes the queue pair above a fresh connection; called on that connection's thread.</param>
    /// <param name="admission">Decides about each connection before anything is made for it.</param>
    /// <param name="logger">For what peers and the operating system do.</param>
    public TcpListener(
        TcpTransportOptions options,
        ConnectionLimits limits,
        IReadOnlyList<ShardContext> shards,
        Func<ControllerConnection, ICommandHandler> createHandler,
        IConnectionAdmission admission,
        ILogger logger)
    {
        _options = options;
        _limits = limits;
        _shards = shards;
        _placement = new ShardPlacement(shards);
        _createHandler = createHandler;
        _admission = admission;
        _logger = logger;
        _closedLog = new ClosedConnectionLog(logger);
    }

    /// <summary>Where it listens, with the ports that were taken.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => _sockets.ConvertAll(socket => socket.EndPoint);

    /// <summary>Connections at the moment. From any thread.</summary>
    public int ConnectionCount => _placement.Count;

    /// <summary>Takes every address: the kernel keeps the hosts that come until <see cref="Start"/>.</summary>
    /// <exception cref="ListenException">An address cannot be listened on; none is then.</exception>
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

    /// <summary>Begins to accept.</summary>
    public void Start()
    {
        foreach (AcceptSocket socket in _sockets)
            _shards[0].Shard.Post(static state => ((AcceptSocket)state!).Begin(), socket);
    }

    /// <summary>Stops accepting; connections go on.</summary>
    public Task StopAcceptingAsync()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _shards[0].Shard.Post(_ =>
        {
            foreach (AcceptSocket socket in _sockets)
                socket.End();
            stopped.SetResult();
        }, null);
        return stopped.Task;
    }

    /// <summary>Ends when no connection is open any more; each has been told to close, and accepting has stopped.</summary>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.MemoryBarrier();
        if (ConnectionCount == 0)
            _drained.TrySetResult();
        return _drained.Task.WaitAsync(cancellationToken);
    }

    private void Accepted(int fd)
    {
        if (SocketCalls.PeerEndPoint(fd) is not { } remote)
        {
            // Gone before it was looked at.
            SocketCalls.Close(fd);
            return;
        }
        if (_admission.TryEnter(SocketCalls.LocalEndPoint(fd), remote) is not { } ticket)
        {
            SocketCalls.SetResetOnClose(fd);
            SocketCalls.Close(fd);
            return;
        }
        int shard = _placement.Add(remote.Address);
        var pending = new PendingConnection(this, shard, fd, remote.Address, ticket);
        if (!_shards[shard].Shard.TryPost(static state => ((PendingConnection)state!).Begin(), pending))
        {
            Release(remote.Address, shard, ticket);
            SocketCalls.Close(fd);
        }
    }

    private void Release(IPAddress address, int shard, IDisposable ticket)
    {
        _placement.Remove(address, shard);
        ticket.Dispose();
        if (ConnectionCount == 0)
            Volatile.Read(ref _drained)?.TrySetResult();
    }

    /// <summary>A connection on its way from the accepting shard to its own.</summary>
    private sealed class PendingConnection(TcpListener listener, int firstShard, int fd, IPAddress address, IDisposable ticket)
    {
        // On the connection's thread.
        private int _shard = firstShard;

        public void Begin()
        {
            ShardContext context = listener._shards[_shard];
            if (listener._options.SendBufferBytes > 0)
                SocketCalls.SetSendBuffer(fd, listener._options.SendBufferBytes);
            CongestionControl.Choose(fd, listener._options.CongestionControl);
            var transport = new SocketTransport(context, fd, Closed, listener._logger)
            {
                FarewellMilliseconds = listener._options.FarewellMilliseconds,
                Moved = OnMoved,
            };
            var connection = new ControllerConnection(
                transport, context.Buffers, listener._limits, listener._createHandler, transport.Now)
            {
                LocalEndPoint = transport.LocalEndPoint,
                RemoteEndPoint = transport.RemoteEndPoint,
            };
            transport.Begin(connection);
        }

        private void OnMoved(ShardContext from, ShardContext to)
        {
            _shard = listener._placement.IndexOf(to);
            listener._placement.Move(address, listener._placement.IndexOf(from), _shard);
        }

        private void Closed(SocketTransport transport)
        {
            listener.Release(address, _shard, ticket);
            listener._closedLog.Report((ControllerConnection)transport.Connection!);
        }
    }

    /// <summary>One listening socket, on the first shard.</summary>
    private sealed class AcceptSocket : IPollHandler, ITimerHandler
    {
        // So that a flood of connections does not keep the shard from its other work.
        private const int MaxAcceptsPerRound = 64;

        private readonly TcpListener _listener;
        private readonly ShardTimer _retry;
        private bool _isWatched;
        private bool _isEnded;

        public AcceptSocket(TcpListener listener, int fd, IPEndPoint endPoint)
        {
            _listener = listener;
            _retry = new ShardTimer(this);
            Descriptor = fd;
            EndPoint = endPoint;
        }

        public int Descriptor { get; }

        public IPEndPoint EndPoint { get; }

        private Shard Shard => _listener._shards[0].Shard;

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

            // A listener that is stopped before it was started is bound, but not watched.
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
                    // Trying again at once would only use processor time. The kernel keeps the connections in its backlog meanwhile.
                    int delay = _listener._options.AcceptRetryMilliseconds;
                    LogNoDescriptor(_listener._logger, EndPoint, -accepted, delay);
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
