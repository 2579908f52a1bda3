using ManagedNvmet.Reports;

namespace ManagedNvmet.Management.Metrics;

/// <summary>The state of the target from which one collection of metrics is read. It fetches each part when a metric first needs it, so
/// that all metrics of a collection share one reading.</summary>
/// <remarks>Not thread-safe: one thread uses it at a time.</remarks>
public sealed class MetricSnapshot
{
    private readonly Lazy<ServerReport> _server;
    private readonly Lazy<IReadOnlyList<PortReport>> _ports;
    private readonly Lazy<IReadOnlyList<NamespaceReport>> _namespaces;
    private readonly Lazy<IReadOnlyList<SubsystemReport>> _subsystems;
    private readonly Lazy<IReadOnlyList<HostReport>> _hosts;
    private readonly Lazy<IReadOnlyList<SessionReport>> _sessions;
    private readonly Lazy<IReadOnlyList<IoStatistics>> _statistics;
    private readonly Lazy<RefusalReport> _refusals;
    private readonly Lazy<TransportCounters> _transport;

    /// <param name="view">Source of the state.</param>
    /// <param name="series">Limits the number of rows of <see cref="Statistics"/>.</param>
    public MetricSnapshot(ITargetView view, SeriesLimit series)
    {
        _server = new(view.GetServer, isThreadSafe: false);
        _ports = new(view.GetPorts, isThreadSafe: false);
        _namespaces = new(view.GetNamespaces, isThreadSafe: false);
        _subsystems = new(view.GetSubsystems, isThreadSafe: false);
        _hosts = new(view.GetHosts, isThreadSafe: false);
        _sessions = new(view.GetSessions, isThreadSafe: false);
        _statistics = new(() => series.Apply(view.GetStatistics()), isThreadSafe: false);
        _refusals = new(() => view.GetRefusals(0), isThreadSafe: false);
        _transport = new(view.GetTransport, isThreadSafe: false);
    }

    /// <summary>The process and its shards.</summary>
    public ServerReport Server => _server.Value;

    /// <summary>Listeners.</summary>
    public IReadOnlyList<PortReport> Ports => _ports.Value;

    /// <summary>Namespaces.</summary>
    public IReadOnlyList<NamespaceReport> Namespaces => _namespaces.Value;

    /// <summary>Subsystems.</summary>
    public IReadOnlyList<SubsystemReport> Subsystems => _subsystems.Value;

    /// <summary>Hosts.</summary>
    public IReadOnlyList<HostReport> Hosts => _hosts.Value;

    /// <summary>Sessions.</summary>
    public IReadOnlyList<SessionReport> Sessions => _sessions.Value;

    /// <summary>Commands, bytes and latencies per host, namespace and operation, after <see cref="SeriesLimit"/> has limited the number of
    /// rows.</summary>
    public IReadOnlyList<IoStatistics> Statistics => _statistics.Value;

    /// <summary>Counts of refusals by reason.</summary>
    public RefusalReport Refusals => _refusals.Value;

    /// <summary>Counters of the transport.</summary>
    public TransportCounters Transport => _transport.Value;
}
