using ManagedNvmet.Io.Loop;
using ManagedNvmet.Io.Sockets;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Sending;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Resources that the connections of one shard share: buffers, transmit batches, counters and the list of transports.</summary>
/// <remarks>Used on the shard's thread, except for the members that say otherwise.</remarks>
public sealed class ShardContext
{
    private readonly ShardBuffers _buffers;
    private readonly TransmitBatch?[] _batches = new TransmitBatch?[SocketBatch.MaxCalls];
    private readonly Lock _gate = new();
    private readonly List<ShardTransport> _transports = [];
    private int _connectionCount;

    /// <summary>Creates the context of a shard, which need not be running yet.</summary>
    public ShardContext(Shard shard)
    {
        Shard = shard;
        _buffers = new ShardBuffers(shard);
    }

    /// <summary>The shard.</summary>
    public Shard Shard { get; }

    /// <summary>Data buffers of the shard.</summary>
    public IDataBuffers Buffers => _buffers;

    /// <summary>Number of open connections that a listener has placed on this shard. May be read from any thread.</summary>
    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    /// <summary>Snapshot of the transports on this shard. May be read from any thread.</summary>
    public IReadOnlyList<ShardTransport> Transports
    {
        get
        {
            lock (_gate)
                return [.. _transports];
        }
    }

    /// <summary>Number of receive calls that returned data, for all connections of the shard.</summary>
    public long ReceiveCount { get; internal set; }

    /// <summary>Number of send calls, for all connections of the shard. A connection makes one per round, which sends all its
    /// responses.</summary>
    public long SendCount { get; internal set; }

    /// <summary>Returns the batch that a connection fills and sends. Connections whose sends are submitted together use different
    /// batches.</summary>
    /// <param name="place">Index of the send among those submitted together, 0 to <see cref="SocketBatch.MaxCalls"/> - 1.</param>
    internal TransmitBatch BatchOf(int place) => _batches[place] ??= new TransmitBatch();

    internal void Add(ShardTransport transport)
    {
        lock (_gate)
            _transports.Add(transport);
    }

    internal void Remove(ShardTransport transport)
    {
        lock (_gate)
            _transports.Remove(transport);
    }

    /// <summary>Adds to the number of connections. May be called from any thread.</summary>
    internal void CountConnection(int change) => Interlocked.Add(ref _connectionCount, change);

    /// <summary>True while connections wait for buffers. Other threads may read it for reports.</summary>
    public bool IsShortOfBuffers => _buffers.HasWaiters;

    /// <summary>Number of connections that wait for buffers. Other threads may read it for reports.</summary>
    public int BufferWaiterCount => _buffers.WaiterCount;
}
