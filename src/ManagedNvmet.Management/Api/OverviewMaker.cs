using ManagedNvmet.Management.Events;
using ManagedNvmet.Reports;

namespace ManagedNvmet.Management.Api;

/// <summary>Makes overviews. It returns the same overview for 250 ms, so that many viewers cost no more than one.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class OverviewMaker
{
    /// <summary>Entries of each list at most.</summary>
    public const int ListLength = 200;

    private const int RefusalCount = 100;
    private const int EventCount = 100;

    private static readonly TimeSpan MaxAge = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly ITargetView _view;
    private readonly EventLog _events;
    private readonly TimeProvider _time;
    private Overview? _last;
    private long _lastTimestamp;

    /// <param name="view">Source of the state.</param>
    /// <param name="events">Source of the latest lines of the log.</param>
    /// <param name="time">Clock; the system's when null.</param>
    public OverviewMaker(ITargetView view, EventLog events, TimeProvider? time = null)
    {
        _view = view;
        _events = events;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Returns an overview that is at most 250 ms old.</summary>
    public Overview Get()
    {
        lock (_gate)
        {
            if (_last is not null && _time.GetElapsedTime(_lastTimestamp) < MaxAge)
                return _last;
            _last = Make();
            _lastTimestamp = _time.GetTimestamp();
            return _last;
        }
    }

    private Overview Make()
    {
        IReadOnlyList<PortReport> ports = _view.GetPorts();
        IReadOnlyList<SubsystemReport> subsystems = _view.GetSubsystems();
        IReadOnlyList<NamespaceReport> namespaces = _view.GetNamespaces();
        IReadOnlyList<HostReport> hosts = _view.GetHosts();
        IReadOnlyList<SessionReport> sessions = _view.GetSessions();
        IReadOnlyList<IoStatistics> statistics = _view.GetStatistics();
        return new Overview
        {
            Time = _time.GetUtcNow(),
            Server = _view.GetServer(),
            Counts = new OverviewCounts(
                ports.Count,
                ports.Count(port => !port.IsListening),
                subsystems.Count,
                namespaces.Count,
                namespaces.Count(each => each.State == NamespaceState.NotReady),
                hosts.Count,
                hosts.Count(host => host.IsConnected),
                sessions.Count),
            Ports = Truncate(ports),
            Subsystems = Truncate(subsystems),
            Namespaces = Truncate(namespaces),

            // Connected hosts come first, so that the truncated list shows them.
            Hosts = Truncate([.. hosts.OrderByDescending(host => host.IsConnected)]),
            Sessions = Truncate(sessions),
            Totals = [.. statistics.GroupBy(row => row.Operation).OrderBy(group => group.Key).Select(group => Sum([.. group]))],
            Statistics = Truncate([.. statistics.Where(row => row.Commands > 0).OrderByDescending(row => row.Commands)]),
            Refusals = _view.GetRefusals(RefusalCount),
            Transport = _view.GetTransport(),
            Events = _events.Last(EventCount),
        };
    }

    private static IReadOnlyList<T> Truncate<T>(IReadOnlyList<T> list) => list.Count <= ListLength ? list : [.. list.Take(ListLength)];

    private static IoStatistics Sum(List<IoStatistics> rows)
    {
        IoStatistics? timed = rows.Find(row => row.LatencyBuckets.Count > 0);
        var buckets = new ulong[timed?.LatencyBuckets.Count ?? 0];
        foreach (IoStatistics row in rows)
        {
            for (int index = 0; index < row.LatencyBuckets.Count && index < buckets.Length; index++)
                buckets[index] += row.LatencyBuckets[index];
        }
        return new IoStatistics
        {
            SubsystemNqn = "",
            Operation = rows[0].Operation,
            Commands = rows.Aggregate(0UL, (sum, row) => sum + row.Commands),
            Failures = rows.Aggregate(0UL, (sum, row) => sum + row.Failures),
            Bytes = rows.Aggregate(0UL, (sum, row) => sum + row.Bytes),
            LatencyMicroseconds = rows.Aggregate(0UL, (sum, row) => sum + row.LatencyMicroseconds),
            LatencyBuckets = buckets,
            LatencyBounds = timed?.LatencyBounds ?? [],
        };
    }
}
