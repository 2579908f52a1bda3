using ManagedNvmet.Configuration;
using ManagedNvmet.Management.Api;
using ManagedNvmet.Management.Events;
using ManagedNvmet.Management.Metrics;
using ManagedNvmet.Reports;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Management;

/// <summary>The services that the endpoints use.</summary>
/// <param name="View">Reads the state of the target.</param>
/// <param name="Control">Ends sessions and starts traces.</param>
/// <param name="Configuration">Reads and changes the running configuration; null when it cannot be changed.</param>
/// <param name="Overview">Makes overviews.</param>
/// <param name="Events">Keeps the latest lines of the log.</param>
/// <param name="Settings">The settings of the process.</param>
/// <param name="Metrics">The metrics.</param>
/// <param name="Loggers">Creates the loggers of the web server.</param>
/// <param name="Time">The clock.</param>
internal sealed record ManagementContext(
    ITargetView View,
    ITargetControl Control,
    IConfigurationControl? Configuration,
    OverviewMaker Overview,
    EventLog Events,
    IReadOnlyList<SettingReport> Settings,
    TargetMetrics Metrics,
    ILoggerFactory Loggers,
    TimeProvider Time);
