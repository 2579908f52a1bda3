using System.Runtime.InteropServices;

namespace ManagedNvmet.Target.Health;

/// <summary>What every host has done to every namespace, by operation, since the target was started.</summary>
/// <remarks>Thread-safe. Each queue counts for itself, without locks; the sums are made when somebody reads. What queues that are gone
/// have done is kept by host, for as many hosts as <see cref="MaxKeptHosts"/>: hosts may choose their names.</remarks>
public sealed class TargetStatistics
{
    /// <summary>Hosts that are kept apart when they are gone; the sums of all others are kept together, without a name.</summary>
    public const int MaxKeptHosts = 4096;

    private readonly Lock _gate = new();
    private readonly HashSet<QueueStatistics> _queues = [];
    private readonly Dictionary<StatisticsKey, OperationTotals> _ended = [];
    private readonly HashSet<Nqn> _kept = [];
    private readonly uint _maxNamespaces;
    private readonly bool _measuresLatency;

    internal TargetStatistics(uint maxNamespaces, bool measuresLatency)
    {
        _maxNamespaces = maxNamespaces;
        _measuresLatency = measuresLatency;
    }

    /// <summary>The sums, in no order. Combinations that nothing was done with are left out.</summary>
    public IReadOnlyList<HostStatistics> Read()
    {
        Dictionary<StatisticsKey, OperationTotals> sums;
        lock (_gate)
        {
            sums = new Dictionary<StatisticsKey, OperationTotals>(_ended);
            foreach (QueueStatistics queue in _queues)
                queue.AddTo((key, totals) => Add(sums, key, totals), queue.Host);
        }
        return [.. sums.Select(static pair =>
            new HostStatistics(pair.Key.Host, pair.Key.Subsystem, pair.Key.NamespaceId, pair.Key.Operation, pair.Value))];
    }

    /// <summary>Forgets what was done to a subsystem that is gone.</summary>
    internal void Forget(Nqn subsystem)
    {
        lock (_gate)
        {
            foreach (StatisticsKey key in _ended.Keys.Where(key => key.Subsystem.Equals(subsystem)).ToArray())
                _ended.Remove(key);
        }
    }

    internal QueueStatistics Attach(Nqn host, Nqn subsystem)
    {
        var queue = new QueueStatistics(host, subsystem, _maxNamespaces, _measuresLatency);
        lock (_gate)
            _queues.Add(queue);
        return queue;
    }

    internal void Detach(QueueStatistics queue)
    {
        lock (_gate)
        {
            if (!_queues.Remove(queue))
                return;
            Nqn? host = _kept.Count < MaxKeptHosts || _kept.Contains(queue.Host) ? queue.Host : null;
            bool hasCounts = false;
            queue.AddTo(
                (key, totals) =>
                {
                    hasCounts = true;
                    Add(_ended, key, totals);
                },
                host);
            if (hasCounts && host is not null)
                _kept.Add(host);
        }
    }

    private static void Add(Dictionary<StatisticsKey, OperationTotals> sums, StatisticsKey key, OperationTotals totals)
    {
        ref OperationTotals? sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, key, out _);
        sum = sum is null ? totals : sum + totals;
    }
}
