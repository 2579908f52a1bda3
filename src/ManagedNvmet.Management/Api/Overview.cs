using ManagedNvmet.Management.Events;
using ManagedNvmet.Reports;

namespace ManagedNvmet.Management.Api;

/// <summary>The state of the whole server in one response, for the web page and <c>managed-nvmet top</c>. Each list is truncated to 200
/// entries, the refusals and events to 100.</summary>
public sealed record Overview
{
    /// <summary>Time at which the server made this overview (UTC).</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The process and its shards.</summary>
    public required ServerReport Server { get; init; }

    /// <summary>Numbers of all objects, including those that the truncated lists leave out.</summary>
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

    /// <summary>Commands, bytes and latencies summed over all hosts and namespaces: one row per operation.</summary>
    public IReadOnlyList<IoStatistics> Totals { get; init; } = [];

    /// <summary>Commands, bytes and latencies per host, namespace and operation, in descending order of commands.</summary>
    public IReadOnlyList<IoStatistics> Statistics { get; init; } = [];

    /// <summary>Counts of refusals by reason, and the latest refusals.</summary>
    public required RefusalReport Refusals { get; init; }

    /// <summary>Counters of the transport: system calls, moves of connections, digest errors and PDU errors.</summary>
    public required TransportCounters Transport { get; init; }

    /// <summary>The latest lines of the log, the newest first.</summary>
    public IReadOnlyList<EventRecord> Events { get; init; } = [];

    /// <summary>The settings of the process; null unless they were asked for, as <c>status --json</c> does.</summary>
    public IReadOnlyList<SettingReport>? Settings { get; init; }
}
