using System.Net;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>Which shard a new connection goes to, and how many connections there are: in all, from each address and on each shard.</summary>
/// <remarks>The shard with the fewest connections from the same address, so that the queues of one host are spread evenly; of those the one
/// with the fewest of all, so that the next connections fill up what closed ones have left. From any thread.</remarks>
internal sealed class ShardPlacement(IReadOnlyList<ShardContext> shards)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int[]> _byAddress = [];
    private int _count;

    /// <summary>Connections at the moment.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts a connection in.</summary>
    /// <param name="address">Where it comes from.</param>
    /// <returns>The index of its shard.</returns>
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

    /// <summary>Counts a connection that has gone from one shard to another.</summary>
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

    /// <summary>The index of a shard.</summary>
    public int IndexOf(ShardContext context)
    {
        for (int index = 0; index < shards.Count; index++)
        {
            if (shards[index] == context)
                return index;
        }
        throw new ArgumentException("The shard is none of this listener's.", nameof(context));
    }

    /// <summary>Counts a connection out.</summary>
    /// <param name="address">As it was counted in.</param>
    /// <param name="shard">What <see cref="Add"/> returned, or where it was moved to.</param>
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
