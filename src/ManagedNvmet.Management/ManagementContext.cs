using ManagedNvmet.Configuration;
using ManagedNvmet.Management.Api;
using ManagedNvmet.Management.Events;
using ManagedNvmet.Management.Metrics;
using ManagedNvmet.Reports;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Management;

/// <summary>What the interface serves from.</summary>
/// <param name="View">What can be seen.</param>
/// <param name="Control">What can be done.</param>
/// <param name="Configuration">What can be configured while the server runs; null for nothing.</param>
/// <param name="Overview">Everything at one look.</param>
/// <param name="Events">The last lines of the log.</param>
/// <param name="Metrics">The meter.</param>
/// <param name="Loggers">Where the web server logs.</param>
/// <param name="Time">The clock.</param>
internal sealed record ManagementContext(
    ITargetView View,
    ITargetControl Control,
    IConfigurationControl? Configuration,
    OverviewMaker Overview,
    EventLog Events,
    TargetMetrics Metrics,
    ILoggerFactory Loggers,
    TimeProvider Time);
