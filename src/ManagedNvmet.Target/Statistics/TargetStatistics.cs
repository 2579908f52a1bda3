using System.Runtime.InteropServices;

namespace ManagedNvmet.Target.Statistics;

/// <summary>What every host has done to every namespace, by operation, since the target was started.</summary>
/// <remarks>Thread-safe. Each queue counts for itself, without locks; the sums are made when somebody reads. What queues that are gone
/// have done is kept by host, for as many hosts as <see cref="MaxKeptHosts"/>: hosts may choose their names.</remarks>
public sealed class TargetStatistics
{
    /// <summary>Hosts that are kept apart when they are gone; the sums of all others are kept together, without a name.</summary>
    public const int MaxKeptHosts = 4096;

    private readonly Lock gate = new();
    private readonly HashSet<QueueStatistics> queues = [];
    private readonly Dictionary<StatisticsKey, OperationTotals> ended = [];
    private readonly HashSet<Nqn> kept = [];
    private readonly uint maxNamespaces;
    private readonly bool measuresLatency;

    internal TargetStatistics(uint maxNamespaces, bool measuresLatency)
    {
        this.maxNamespaces = maxNamespaces;
        this.measuresLatency = measuresLatency;
    }

    /// <summary>The sums, in no order. Combinations that nothing was done with are left out.</summary>
    public IReadOnlyList<HostStatistics> Read()
    {
        Dictionary<StatisticsKey, OperationTotals> sums;
        lock (gate)
        {
            sums = new Dictionary<StatisticsKey, OperationTotals>(ended);
            foreach (QueueStatistics queue in queues)
                queue.AddTo((key, totals) => Add(sums, key, totals), queue.Host);
        }
        return [.. sums.Select(static pair =>
            new HostStatistics(pair.Key.Host, pair.Key.Subsystem, pair.Key.NamespaceId, pair.Key.Operation, pair.Value))];
    }

    /// <summary>Forgets what was done to a subsystem that is gone.</summary>
    internal void Forget(Nqn subsystem)
    {
        lock (gate)
        {
            foreach (StatisticsKey key in ended.Keys.Where(key => key.Subsystem.Equals(subsystem)).ToArray())
                ended.Remove(key);
        }
    }

    internal QueueStatistics Attach(Nqn host, Nqn subsystem)
    {
        var queue = new QueueStatistics(host, subsystem, maxNamespaces, measuresLatency);
        lock (gate)
            queues.Add(queue);
        return queue;
    }

    internal void Detach(QueueStatistics queue)
    {
        lock (gate)
        {
            if (!queues.Remove(queue))
                return;
            Nqn? host = kept.Count < MaxKeptHosts || kept.Contains(queue.Host) ? queue.Host : null;
            bool hasCounts = false;
            queue.AddTo(
                (key, totals) =>
                {
                    hasCounts = true;
                    Add(ended, key, totals);
                },
                host);
            if (hasCounts && host is not null)
                kept.Add(host);
        }
    }

    private static void Add(Dictionary<StatisticsKey, OperationTotals> sums, StatisticsKey key, OperationTotals totals)
    {
        ref OperationTotals? sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, key, out _);
        sum = sum is null ? totals : sum + totals;
    }
}
