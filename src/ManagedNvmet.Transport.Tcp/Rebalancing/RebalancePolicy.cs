namespace ManagedNvmet.Transport.Tcp.Rebalancing;

/// <summary>Chooses the connection to move from the busiest shard to the least busy one: the one that best balances the two
/// loads.</summary>
/// <remarks>
/// Its result depends only on the given loads; it is called once per interval. Each move reduces the larger of the two loads, so that
/// constant loads reach a stable state. Against varying loads, a difference must be large and last several intervals, and a moved
/// connection stays where it is for some time.
/// </remarks>
internal sealed class RebalancePolicy
{
    /// <summary>Minimum share of time for which a shard is busy before connections leave it. A less busy shard is no bottleneck.</summary>
    public const double LeastBusy = 0.5;

    /// <summary>Minimum difference of the shares. Measurements vary by about 0.1.</summary>
    public const double LeastGap = 0.25;

    /// <summary>Minimum reduction of the larger share. A smaller gain does not justify the pause of a move.</summary>
    public const double LeastGain = 0.01;

    /// <summary>Number of consecutive intervals for which a shard must be too busy. Shorter bursts pass by themselves.</summary>
    public const int LastingIntervals = 3;

    /// <summary>Number of intervals for which a connection stays on its shard after a successful or failed move.</summary>
    public const int RestIntervals = 30;

    private readonly Dictionary<object, long> _restsUntil = new(ReferenceEqualityComparer.Instance);
    private int[] _lasted = [];
    private long _interval;

    /// <summary>Evaluates the loads of an interval.</summary>
    /// <returns>The move to make now, or null for none.</returns>
    public RebalanceChoice? Next(IReadOnlyList<ShardLoad> shards)
    {
        _interval++;
        if (_lasted.Length != shards.Count)
            _lasted = new int[shards.Count];
        int idlest = Idlest(shards);
        int busiest = -1;
        for (int index = 0; index < shards.Count; index++)
        {
            _lasted[index] = IsUneven(shards[index].Busy, shards[idlest].Busy) ? _lasted[index] + 1 : 0;
            if (_lasted[index] >= LastingIntervals && (busiest < 0 || shards[index].Busy > shards[busiest].Busy))
                busiest = index;
        }
        if (busiest < 0)
            return null;
        EndRests();
        if (Best(shards[busiest], shards[idlest].Busy) is not { } connection)
            return null;
        _restsUntil[connection] = _interval + RestIntervals;
        return new RebalanceChoice(connection, busiest, idlest);
    }

    /// <summary>Returns true when these loads of the busiest and the least busy shard justify a move, if they last.</summary>
    public static bool IsUneven(double most, double least) => most >= LeastBusy && most - least >= LeastGap;

    private static int Idlest(IReadOnlyList<ShardLoad> shards)
    {
        int idlest = 0;
        for (int index = 1; index < shards.Count; index++)
        {
            if (shards[index].Busy < shards[idlest].Busy)
                idlest = index;
        }
        return idlest;
    }

    private object? Best(ShardLoad from, double targetBusy)
    {
        long total = 0;
        foreach (ConnectionLoad each in from.Connections)
            total += each.Work;
        object? best = null;
        double bestGain = LeastGain;
        foreach (ConnectionLoad each in from.Connections)
        {
            if (each.Work <= 0 || _restsUntil.ContainsKey(each.Connection))
                continue;
            double load = from.Busy * each.Work / total;
            double gain = Math.Min(load, from.Busy - targetBusy - load);
            if (gain < bestGain || (best is not null && gain == bestGain))
                continue;
            best = each.Connection;
            bestGain = gain;
        }
        return best;
    }

    private void EndRests()
    {
        foreach ((object connection, long until) in _restsUntil)
        {
            if (until <= _interval)
                _restsUntil.Remove(connection);
        }
    }
}
