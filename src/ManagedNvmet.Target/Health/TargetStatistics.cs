using System.Runtime.InteropServices;

namespace ManagedNvmet.Target.Health;

/// <summary>Counts the I/O of every host, namespace and operation since the start of the target.</summary>
/// <remarks>Thread-safe. Each queue has its own counters without locks; a read adds them up. The counts of closed queues are kept by host
/// for up to <see cref="MaxKeptHosts"/> hosts. The number is limited because hosts choose their names.</remarks>
public sealed class TargetStatistics
{
    /// <summary>The largest number of disconnected hosts with counts of their own. One entry without a name contains the sum of all
    /// others.</summary>
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

    /// <summary>Returns the sums in no order, without combinations whose counts are 0.</summary>
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

    /// <summary>Removes the counts of a removed subsystem.</summary>
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
