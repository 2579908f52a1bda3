using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Announcing;

/// <summary>Records the announcement state of each TCP port and logs its changes.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class AnnouncementTracker(AnnouncerOptions options, ILogger logger)
{
    // Limits the log lines that a machine can cause by claiming one name of this machine after another.
    private const int MaxLoggedAttempts = 5;

    private readonly ConcurrentDictionary<int, AnnouncementState> _states = new();
    private string? _lastFailure;

    /// <summary>Returns the state of a TCP port, or null when none is recorded.</summary>
    public AnnouncementState? Find(int tcpPort) => _states.GetValueOrDefault(tcpPort);

    /// <summary>Records that a publisher announces the service. Logs the first call and every change.</summary>
    public void Announced(PlannedService service, string by, string name)
    {
        var state = new AnnouncementState(by, name, null);
        bool hasChanged = Set(service.TcpPort, state);
        _lastFailure = null;
        if (hasChanged)
        {
            string where = string.Join(", ", service.Links.Select(each => $"{string.Join(" ", each.Addresses)} on {each.Link.Name}"));
            LogAnnounced(logger, service.TcpPort, name, options.ServiceType, by, where);
        }
    }

    /// <summary>Records that the announcement of a port is in progress.</summary>
    public void Pending(int tcpPort, string reason) => Set(tcpPort, new AnnouncementState(null, null, reason));

    /// <summary>Logs that another machine has the name, and that the service gets its next name.</summary>
    public void Renamed(int tcpPort, string from, string to, int attempt)
    {
        if (attempt <= MaxLoggedAttempts)
            LogRenamed(logger, tcpPort, from, to);
    }

    /// <summary>Removes the state of a port, and logs when the port was announced.</summary>
    public void Withdrawn(int tcpPort)
    {
        if (_states.TryRemove(tcpPort, out AnnouncementState? state) && state.IsAnnounced)
            LogWithdrawn(logger, tcpPort, state.Name!);
    }

    /// <summary>Records that no service can be announced. Logs it once until the reason changes or an announcement succeeds.</summary>
    public void Failed(IEnumerable<PlannedService> services, string reason)
    {
        foreach (PlannedService service in services)
            Set(service.TcpPort, new AnnouncementState(null, null, reason));
        if (reason == _lastFailure)
            return;
        _lastFailure = reason;
        LogFailed(logger, reason, options.RetryInterval.TotalSeconds);
    }

    /// <summary>Logs a warning about a fault that does not stop the announcements.</summary>
    public void Warn(string message) => LogWarning(logger, message);

    private bool Set(int tcpPort, AnnouncementState state)
    {
        bool hasChanged = !state.Equals(_states.GetValueOrDefault(tcpPort));
        _states[tcpPort] = state;
        return hasChanged;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Port {TcpPort} is announced as \"{Name}\" ({Type}) by {By}: {Where}")]
    private static partial void LogAnnounced(ILogger logger, int tcpPort, string name, string type, string by, string where);

    [LoggerMessage(Level = LogLevel.Information, Message = "Port {TcpPort} is no longer announced as \"{Name}\"")]
    private static partial void LogWithdrawn(ILogger logger, int tcpPort, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another machine announces \"{From}\"; port {TcpPort} is renamed to \"{To}\"")]
    private static partial void LogRenamed(ILogger logger, int tcpPort, string from, string to);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "mDNS announcements failed: {Reason} Hosts can still connect; the server tries again every {Seconds} s")]
    private static partial void LogFailed(ILogger logger, string reason, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "mDNS: {Fault}")]
    private static partial void LogWarning(ILogger logger, string fault);
}
