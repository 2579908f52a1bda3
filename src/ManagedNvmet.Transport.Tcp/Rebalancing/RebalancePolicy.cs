namespace ManagedNvmet.Transport.Tcp.Rebalancing;

/// <summary>Says which connection goes where, if any: the one that makes the busiest shard and the least busy one most alike.</summary>
/// <remarks>
/// A function of the loads that it is given, one call an interval. Every move makes the larger of the two loads smaller, so that loads which
/// stay as they are settle; for those that do not, the difference has to be large and to last, and who has moved rests.
/// </remarks>
internal sealed class RebalancePolicy
{
    /// <summary>A shard that is idle for longer than this part of its time is no bottleneck, and its hosts are not disturbed.</summary>
    public const double LeastBusy = 0.5;

    /// <summary>Loads that differ by less are taken for alike: measurements waver by about a tenth.</summary>
    public const double LeastGap = 0.25;

    /// <summary>The larger load must become smaller by at least this, or a move is not worth its pause.</summary>
    public const double LeastGain = 0.01;

    /// <summary>Intervals in a row for which a shard has to be too busy: bursts pass by themselves.</summary>
    public const int LastingIntervals = 3;

    /// <summary>Intervals for which a connection stays where it was moved to, or where a move failed.</summary>
    public const int RestIntervals = 30;

    private readonly Dictionary<object, long> _restsUntil = new(ReferenceEqualityComparer.Instance);
    private int[] _lasted = [];
    private long _interval;

    /// <summary>Takes the loads of an interval.</summary>
    /// <returns>The move to make now, or null.</returns>
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

    /// <summary>True when these loads of the busiest shard and the least busy one would be evened out, if they last.</summary>
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
