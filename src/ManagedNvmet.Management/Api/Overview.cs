using ManagedNvmet.Management.Events;
using ManagedNvmet.Reports;

namespace ManagedNvmet.Management.Api;

/// <summary>What the web page and <c>managed-nvmet top</c> show: everything at one look, each list cut to a bounded length.</summary>
public sealed record Overview
{
    /// <summary>When it was made.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The process.</summary>
    public required ServerReport Server { get; init; }

    /// <summary>How many there are of each, whatever the lists hold.</summary>
    public required OverviewCounts Counts { get; init; }

    /// <summary>Listeners.</summary>
    public IReadOnlyList<PortReport> Ports { get; init; } = [];

    /// <summary>Subsystems.</summary>
    public IReadOnlyList<SubsystemReport> Subsystems { get; init; } = [];

    /// <summary>Namespaces.</summary>
    public IReadOnlyList<NamespaceReport> Namespaces { get; init; } = [];

    /// <summary>Hosts.</summary>
    public IReadOnlyList<HostReport> Hosts { get; init; } = [];

    /// <summary>Sessions.</summary>
    public IReadOnlyList<SessionReport> Sessions { get; init; } = [];

    /// <summary>What all hosts did with all namespaces, a row for each kind of command.</summary>
    public IReadOnlyList<IoStatistics> Totals { get; init; } = [];

    /// <summary>What each host did with each namespace, those with the most commands first.</summary>
    public IReadOnlyList<IoStatistics> Statistics { get; init; } = [];

    /// <summary>What was refused.</summary>
    public required RefusalReport Refusals { get; init; }

    /// <summary>What the transport counted: calls, and what hosts sent that was damaged or wrong.</summary>
    public required TransportCounters Transport { get; init; }

    /// <summary>The last lines of the log, the newest first.</summary>
    public IReadOnlyList<EventRecord> Events { get; init; } = [];
}
