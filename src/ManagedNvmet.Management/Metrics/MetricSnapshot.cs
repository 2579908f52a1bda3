using ManagedNvmet.Reports;

namespace ManagedNvmet.Management.Metrics;

/// <summary>What one collection of metrics is read from; each part is asked for when a metric first needs it.</summary>
/// <remarks>One thread.</remarks>
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

    /// <param name="view">What is looked at.</param>
    /// <param name="series">Bounds the rows of <see cref="Statistics"/>.</param>
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

    /// <summary>The process.</summary>
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

    /// <summary>What was read and written, at most as many rows as the limit says.</summary>
    public IReadOnlyList<IoStatistics> Statistics => _statistics.Value;

    /// <summary>Counts of what was refused.</summary>
    public RefusalReport Refusals => _refusals.Value;

    /// <summary>Counts of the transport.</summary>
    public TransportCounters Transport => _transport.Value;
}
