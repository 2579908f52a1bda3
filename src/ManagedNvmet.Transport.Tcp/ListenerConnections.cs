using System.Net;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Slots;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Admits the connections of a listener, places them on shards, creates the controller end of each, counts them, and logs their
/// ends.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed partial class ListenerConnections
{
    private static readonly Action<object?> BeginPosted = static state => ((Entry)state!).Begin();

    private readonly ConnectionLimits _limits;
    private readonly IReadOnlyList<ShardContext> _shards;
    private readonly Func<ControllerConnection, ICommandHandler> _createHandler;
    private readonly IConnectionAdmission _admission;
    private readonly ILogger _logger;
    private readonly ShardPlacement _placement;
    private readonly ClosedConnectionLog _closedLog;
    private TaskCompletionSource? _drained;

    /// <param name="limits">The limits of every connection.</param>
    /// <param name="shards">The running shards. Connections are distributed evenly over them.</param>
    /// <param name="createHandler">Creates the queue pair of a new connection, on the thread of the connection.</param>
    /// <param name="admission">Accepts or refuses each connection before any object is created for it.</param>
    /// <param name="logger">Receives the ends of connections and errors of the operating system.</param>
    public ListenerConnections(
        ConnectionLimits limits,
        IReadOnlyList<ShardContext> shards,
        Func<ControllerConnection, ICommandHandler> createHandler,
        IConnectionAdmission admission,
        ILogger logger)
    {
        _limits = limits;
        _shards = shards;
        _createHandler = createHandler;
        _admission = admission;
        _logger = logger;
        _placement = new ShardPlacement(shards);
        _closedLog = new ClosedConnectionLog(logger);
    }

    /// <summary>The number of open connections.</summary>
    public int Count => _placement.Count;

    /// <summary>The shards of the connections.</summary>
    internal IReadOnlyList<ShardContext> Shards => _shards;

    /// <summary>Adds a connection.</summary>
    /// <param name="local">The local address; null when the peer did not connect over a network.</param>
    /// <param name="remote">The remote address; null when the peer did not connect over a network.</param>
    /// <param name="create">Creates the transport of the connection on the shard's thread. The transport must call the given action on that
    /// thread when it is closed.</param>
    /// <returns>False when the connection is refused or the shard has stopped. The caller must then close it.</returns>
    internal bool TryAdd(IPEndPoint? local, IPEndPoint? remote, Func<ShardContext, Action<ShardTransport>, ShardTransport> create)
    {
        if (_admission.TryEnter(local, remote) is not { } ticket)
            return false;
        IPAddress address = remote?.Address ?? IPAddress.None;
        var entry = new Entry(this, _placement.Add(address), address, ticket) { Local = local, Remote = remote, Create = create };
        if (_shards[entry.Shard].Shard.TryPost(BeginPosted, entry))
            return true;
        Release(entry);
        return false;
    }

    /// <summary>Logs that a listener temporarily cannot accept connections.</summary>
    internal void ReportNoDescriptor(IPEndPoint endPoint, string error, int retryMilliseconds) =>
        LogNoDescriptor(_logger, endPoint, error, retryMilliseconds);

    /// <summary>Completes when no connection is open. The caller has stopped accepting and has asked each connection to close.</summary>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.MemoryBarrier();
        if (Count == 0)
            _drained.TrySetResult();
        return _drained.Task.WaitAsync(cancellationToken);
    }

    private void Release(Entry entry)
    {
        _placement.Remove(entry.Address, entry.Shard);
        entry.Ticket.Dispose();
        if (Count == 0)
            Volatile.Read(ref _drained)?.TrySetResult();
    }

    /// <summary>A connection. Once it has begun, only its thread may use <see cref="Shard"/>.</summary>
    private sealed class Entry(ListenerConnections owner, int shard, IPAddress address, IDisposable ticket)
    {
        public int Shard { get; private set; } = shard;

        public IPAddress Address => address;

        public IDisposable Ticket => ticket;

        public required IPEndPoint? Local { get; init; }

        public required IPEndPoint? Remote { get; init; }

        public required Func<ShardContext, Action<ShardTransport>, ShardTransport> Create { get; init; }

        public void Begin()
        {
            ShardContext context = owner._shards[Shard];
            ShardTransport transport = Create(context, OnClosed);
            transport.Moved = OnMoved;
            transport.Begin(new ControllerConnection(transport, context.Buffers, owner._limits, owner._createHandler, transport.Now)
            {
                LocalEndPoint = Local,
                RemoteEndPoint = Remote,
            });
        }

        private void OnMoved(ShardContext from, ShardContext to)
        {
            Shard = owner._placement.IndexOf(to);
            owner._placement.Move(address, owner._placement.IndexOf(from), Shard);
        }

        private void OnClosed(ShardTransport transport)
        {
            owner.Release(this);
            owner._closedLog.Report((ControllerConnection)transport.Connection!);
        }
    }
}
