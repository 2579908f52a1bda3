using System.Net;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Chooses the shard of a new connection, and counts the connections: in total, per address and per shard.</summary>
/// <remarks>Thread-safe. It chooses the shard with the fewest connections from the same address, so that the queues of a host are
/// distributed evenly. Among equals, it chooses the shard with the fewest connections in total.</remarks>
internal sealed class ShardPlacement(IReadOnlyList<ShardContext> shards)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int[]> _byAddress = [];
    private int _count;

    /// <summary>Number of open connections.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Chooses a shard for a new connection and counts the connection.</summary>
    /// <param name="address">Address of the peer.</param>
    /// <returns>Index of the chosen shard.</returns>
    public int Add(IPAddress address)
    {
        lock (_gate)
        {
            if (!_byAddress.TryGetValue(address, out int[]? own))
                _byAddress[address] = own = new int[shards.Count];
            int best = 0;
            for (int shard = 1; shard < shards.Count; shard++)
            {
                if ((own[shard], shards[shard].ConnectionCount).CompareTo((own[best], shards[best].ConnectionCount)) < 0)
                    best = shard;
            }
            own[best]++;
            shards[best].CountConnection(1);
            _count++;
            return best;
        }
    }

    /// <summary>Updates the counts for a connection that has moved to another shard.</summary>
    public void Move(IPAddress address, int from, int to)
    {
        lock (_gate)
        {
            int[] own = _byAddress[address];
            own[from]--;
            own[to]++;
            shards[from].CountConnection(-1);
            shards[to].CountConnection(1);
        }
    }

    /// <summary>Returns the index of a shard.</summary>
    public int IndexOf(ShardContext context)
    {
        for (int index = 0; index < shards.Count; index++)
        {
            if (shards[index] == context)
                return index;
        }
        throw new ArgumentException("The shard does not belong to this listener.", nameof(context));
    }

    /// <summary>Removes a closed connection from the counts.</summary>
    /// <param name="address">Address of the peer, as passed to <see cref="Add"/>.</param>
    /// <param name="shard">Index of the connection's present shard.</param>
    public void Remove(IPAddress address, int shard)
    {
        lock (_gate)
        {
            int[] own = _byAddress[address];
            own[shard]--;
            shards[shard].CountConnection(-1);
            _count--;
            if (!own.AsSpan().ContainsAnyExcept(0))
                _byAddress.Remove(address);
        }
    }
}
