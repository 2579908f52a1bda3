using ManagedNvmet.Reports;

namespace ManagedNvmet.Management.Metrics;

/// <summary>What one collection of metrics is read from; each part is asked for when a metric first needs it.</summary>
/// <remarks>One thread.</remarks>
public sealed class MetricSnapshot
{
    private readonly Lazy<ServerReport> server;
    private readonly Lazy<IReadOnlyList<PortReport>> ports;
    private readonly Lazy<IReadOnlyList<NamespaceReport>> namespaces;
    private readonly Lazy<IReadOnlyList<SubsystemReport>> subsystems;
    private readonly Lazy<IReadOnlyList<HostReport>> hosts;
    private readonly Lazy<IReadOnlyList<SessionReport>> sessions;
    private readonly Lazy<IReadOnlyList<IoStatistics>> statistics;
    private readonly Lazy<RefusalReport> refusals;
    private readonly Lazy<TransportCounters> transport;

    /// <param name="view">What is looked at.</param>
    /// <param name="series">Bounds the rows of <see cref="Statistics"/>.</param>
    public MetricSnapshot(ITargetView view, SeriesLimit series)
    {
        server = new(view.GetServer, isThreadSafe: false);
        ports = new(view.GetPorts, isThreadSafe: false);
        namespaces = new(view.GetNamespaces, isThreadSafe: false);
        subsystems = new(view.GetSubsystems, isThreadSafe: false);
        hosts = new(view.GetHosts, isThreadSafe: false);
        sessions = new(view.GetSessions, isThreadSafe: false);
        statistics = new(() => series.Apply(view.GetStatistics()), isThreadSafe: false);
        refusals = new(() => view.GetRefusals(0), isThreadSafe: false);
        transport = new(view.GetTransport, isThreadSafe: false);
    }

    /// <summary>The process.</summary>
    public ServerReport Server => server.Value;

    /// <summary>Listeners.</summary>
    public IReadOnlyList<PortReport> Ports => ports.Value;

    /// <summary>Namespaces.</summary>
    public IReadOnlyList<NamespaceReport> Namespaces => namespaces.Value;

    /// <summary>Subsystems.</summary>
    public IReadOnlyList<SubsystemReport> Subsystems => subsystems.Value;

    /// <summary>Hosts.</summary>
    public IReadOnlyList<HostReport> Hosts => hosts.Value;

    /// <summary>Sessions.</summary>
    public IReadOnlyList<SessionReport> Sessions => sessions.Value;

    /// <summary>What was read and written, at most as many rows as the limit says.</summary>
    public IReadOnlyList<IoStatistics> Statistics => statistics.Value;

    /// <summary>Counts of what was refused.</summary>
    public RefusalReport Refusals => refusals.Value;

    /// <summary>Counts of the transport.</summary>
    public TransportCounters Transport => transport.Value;
}
