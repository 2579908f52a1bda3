using System.Net;
using ManagedNvmet.Io;
using ManagedNvmet.Protocol.Connection;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Accepts NVMe/TCP connections and spreads them over shards.</summary>
public sealed partial class TcpListener
{
    private readonly TcpTransportOptions options;
    private readonly ConnectionLimits limits;
    private readonly IReadOnlyList<ShardContext> shards;
    private readonly Func<ControllerConnection, ICommandHandler> createHandler;
    private readonly IConnectionAdmission admission;
    private readonly ILogger logger;
    private readonly List<AcceptSocket> sockets = [];
    private readonly ShardPlacement placement;
    private TaskCompletionSource? drained;

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
        this.options = options;
        this.limits = limits;
        this.shards = shards;
        placement = new ShardPlacement(shards);
        this.createHandler = createHandler;
        this.admission = admission;
        this.logger = logger;
    }

    /// <summary>Where it listens, with the ports that were taken.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => sockets.ConvertAll(socket => socket.EndPoint);

    /// <summary>Connections at the moment. From any thread.</summary>
    public int ConnectionCount => placement.Count;

    /// <summary>Takes every address: the kernel keeps the hosts that come until <see cref="Start"/>.</summary>
    /// <exception cref="ListenException">An address cannot be listened on; none is then.</exception>
    public void Bind()
    {
        foreach (IPEndPoint endPoint in options.EndPoints)
        {
            int fd = SocketCalls.Listen(endPoint, options.Backlog);
            if (fd < 0)
            {
                foreach (AcceptSocket socket in sockets)
                    SocketCalls.Close(socket.Descriptor);
                sockets.Clear();
                throw new ListenException(endPoint, -fd);
            }
            sockets.Add(new AcceptSocket(this, fd, SocketCalls.LocalEndPoint(fd) ?? endPoint));
        }
    }

    /// <summary>Begins to accept.</summary>
    public void Start()
    {
        foreach (AcceptSocket socket in sockets)
            shards[0].Shard.Post(static state => ((AcceptSocket)state!).Begin(), socket);
    }

    /// <summary>Stops accepting; connections go on.</summary>
    public Task StopAcceptingAsync()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        shards[0].Shard.Post(_ =>
        {
            foreach (AcceptSocket socket in sockets)
                socket.End();
            stopped.SetResult();
        }, null);
        return stopped.Task;
    }

    /// <summary>Ends when no connection is open any more; each has been told to close, and accepting has stopped.</summary>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.MemoryBarrier();
        if (ConnectionCount == 0)
            drained.TrySetResult();
        return drained.Task.WaitAsync(cancellationToken);
    }

    private void Accepted(int fd)
    {
        if (SocketCalls.PeerEndPoint(fd) is not { } remote)
        {
            // Gone before it was looked at.
            SocketCalls.Close(fd);
            return;
        }
        if (admission.TryEnter(SocketCalls.LocalEndPoint(fd), remote) is not { } ticket)
        {
            SocketCalls.SetResetOnClose(fd);
            SocketCalls.Close(fd);
            return;
        }
        int shard = placement.Add(remote.Address);
        var pending = new PendingConnection(this, shard, fd, remote.Address, ticket);
        if (!shards[shard].Shard.TryPost(static state => ((PendingConnection)state!).Begin(), pending))
        {
            Release(remote.Address, shard, ticket);
            SocketCalls.Close(fd);
        }
    }

    private void Release(IPAddress address, int shard, IDisposable ticket)
    {
        placement.Remove(address, shard);
        ticket.Dispose();
        if (ConnectionCount == 0)
            Volatile.Read(ref drained)?.TrySetResult();
    }

    /// <summary>A connection on its way from the accepting shard to its own.</summary>
    private sealed class PendingConnection(TcpListener listener, int firstShard, int fd, IPAddress address, IDisposable ticket)
    {
        // On the connection's thread.
        private int shard = firstShard;

        public void Begin()
        {
            ShardContext context = listener.shards[shard];
            if (listener.options.SendBufferBytes > 0)
                SocketCalls.SetSendBuffer(fd, listener.options.SendBufferBytes);
            CongestionControl.Choose(fd, listener.options.CongestionControl);
            var transport = new SocketTransport(context, fd, Closed, listener.logger)
            {
                FarewellMilliseconds = listener.options.FarewellMilliseconds,
                Moved = OnMoved,
            };
            var connection = new ControllerConnection(
                transport, context.Buffers, listener.limits, listener.createHandler, transport.Now)
            {
                LocalEndPoint = transport.LocalEndPoint,
                RemoteEndPoint = transport.RemoteEndPoint,
            };
            transport.Begin(connection);
        }

        private void OnMoved(ShardContext from, ShardContext to)
        {
            shard = listener.placement.IndexOf(to);
            listener.placement.Move(address, listener.placement.IndexOf(from), shard);
        }

        private void Closed(SocketTransport transport)
        {
            listener.Release(address, shard, ticket);
            listener.ReportClosed((ControllerConnection)transport.Connection!);
        }
    }

    /// <summary>One listening socket, on the first shard.</summary>
    private sealed class AcceptSocket(TcpListener listener, int fd, IPEndPoint endPoint) : IPollHandler, ITimerHandler
    {
        // So that a flood of connections does not keep the shard from its other work.
        private const int MaxAcceptsPerRound = 64;

        private bool isWatched;
        private bool isEnded;

        public int Descriptor => fd;

        public IPEndPoint EndPoint => endPoint;

        private Shard Shard => listener.shards[0].Shard;

        public void Begin()
        {
            if (isEnded)
                return;
            Shard.Watch(fd, PollEvents.In, this);
            isWatched = true;
        }

        public void End()
        {
            if (isEnded)
                return;
            isEnded = true;

            // An address that was taken and is given back before anybody was let in.
            if (isWatched)
                Shard.Unwatch(fd);
            SocketCalls.Close(fd);
        }

        public void OnReady(int readyFd, PollEvents ready)
        {
            for (int count = 0; count < MaxAcceptsPerRound; count++)
            {
                int accepted = SocketCalls.Accept(fd);
                if (accepted >= 0)
                {
                    listener.Accepted(accepted);
                    continue;
                }
                if (accepted is -Errno.EMFILE or -Errno.ENFILE or -Errno.ENOBUFS or -Errno.ENOMEM)
                {
                    // Trying again at once would only burn a core: the kernel keeps them in its backlog meanwhile.
                    LogNoDescriptor(listener.logger, endPoint, -accepted, listener.options.AcceptRetryMilliseconds);
                    Shard.Rewatch(fd, PollEvents.None);
                    Shard.ScheduleAt(Shard.Now + listener.options.AcceptRetryMilliseconds, this);
                    return;
                }
                if (accepted == -Errno.EAGAIN)
                    return;
            }
        }

        public void OnTimer(long now)
        {
            if (!isEnded)
                Shard.Rewatch(fd, PollEvents.In);
        }
    }
}
