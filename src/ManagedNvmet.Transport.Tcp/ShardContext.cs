using ManagedNvmet.Io.Loop;
using ManagedNvmet.Io.Sockets;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Sending;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>What the connections of one shard share besides the shard itself.</summary>
/// <remarks>Used on the shard's thread.</remarks>
public sealed class ShardContext
{
    private readonly ShardBuffers _buffers;
    private readonly TransmitBatch?[] _batches = new TransmitBatch?[SocketBatch.MaxCalls];
    private readonly Lock _gate = new();
    private readonly List<ShardTransport> _transports = [];
    private int _connectionCount;

    /// <summary>Takes a shard that may not have been started yet.</summary>
    public ShardContext(Shard shard)
    {
        Shard = shard;
        _buffers = new ShardBuffers(shard);
    }

    /// <summary>The shard.</summary>
    public Shard Shard { get; }

    /// <summary>Data buffers of the shard.</summary>
    public IDataBuffers Buffers => _buffers;

    /// <summary>Connections that a listener has placed here and that are open. From any thread.</summary>
    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    /// <summary>What carries the connections that are here now: a snapshot. From any thread.</summary>
    public IReadOnlyList<ShardTransport> Transports
    {
        get
        {
            lock (_gate)
                return [.. _transports];
        }
    }

    /// <summary>Receive calls that brought bytes, over all connections of the shard.</summary>
    public long ReceiveCount { get; internal set; }

    /// <summary>Send calls, over all connections of the shard: one a connection and round, however many responses it carries.</summary>
    public long SendCount { get; internal set; }

    /// <summary>The batch that a connection of the shard fills and sends in its turn: of several whose turns come together each has another.</summary>
    /// <param name="place">From 0 to <see cref="SocketBatch.MaxCalls"/> - 1.</param>
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

    /// <summary>One connection more or less. From any thread.</summary>
    internal void CountConnection(int change) => Interlocked.Add(ref _connectionCount, change);

    /// <summary>True while connections wait for buffers. Another thread may read it, for a person to see.</summary>
    public bool IsShortOfBuffers => _buffers.HasWaiters;

    /// <summary>Connections that wait for buffers. Another thread may read it, for a person to see.</summary>
    public int BufferWaiterCount => _buffers.WaiterCount;
}
