using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Announcing;

/// <summary>What is announced by whom, for those who look, and a line in the log for what changes.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class AnnouncementBoard(AnnouncerOptions options, ILogger logger)
{
    // Whoever takes name after name from us fills no log.
    private const int MaxLoggedAttempts = 5;

    private readonly ConcurrentDictionary<int, AnnouncementState> _states = new();
    private string? _lastFailure;

    /// <summary>How a TCP port is doing.</summary>
    public AnnouncementState? Find(int tcpPort) => _states.GetValueOrDefault(tcpPort);

    public void Announced(PlannedService service, string by, string name)
    {
        var state = new AnnouncementState(by, name, null);
        bool isNews = Set(service.TcpPort, state);
        _lastFailure = null;
        if (isNews)
        {
            string where = string.Join(", ", service.Links.Select(each => $"{string.Join(" ", each.Addresses)} on {each.Link.Name}"));
            LogAnnounced(logger, service.TcpPort, name, options.ServiceType, by, where);
        }
    }

    /// <summary>It will be announced in a moment.</summary>
    public void Pending(int tcpPort, string reason) => Set(tcpPort, new AnnouncementState(null, null, reason));

    public void Renamed(int tcpPort, string from, string to, int attempt)
    {
        if (attempt <= MaxLoggedAttempts)
            LogRenamed(logger, tcpPort, from, to);
    }

    public void Withdrawn(int tcpPort)
    {
        if (_states.TryRemove(tcpPort, out AnnouncementState? state) && state.IsAnnounced)
            LogWithdrawn(logger, tcpPort, state.Name!);
    }

    /// <summary>Nothing can be announced. Said once for each reason.</summary>
    public void Failed(IEnumerable<PlannedService> services, string reason)
    {
        foreach (PlannedService service in services)
            Set(service.TcpPort, new AnnouncementState(null, null, reason));
        if (reason == _lastFailure)
            return;
        _lastFailure = reason;
        LogFailed(logger, reason, options.RetryInterval.TotalSeconds);
    }

    /// <summary>Something that was put up with.</summary>
    public void Warn(string what) => LogWarning(logger, what);

    private bool Set(int tcpPort, AnnouncementState state)
    {
        bool isNews = !state.Equals(_states.GetValueOrDefault(tcpPort));
        _states[tcpPort] = state;
        return isNews;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Port {TcpPort} is announced as \"{Name}\" ({Type}) by {By}: {Where}")]
    private static partial void LogAnnounced(ILogger logger, int tcpPort, string name, string type, string by, string where);

    [LoggerMessage(Level = LogLevel.Information, Message = "Port {TcpPort} is announced as \"{Name}\" no more")]
    private static partial void LogWithdrawn(ILogger logger, int tcpPort, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another machine announces \"{From}\": port {TcpPort} becomes \"{To}\"")]
    private static partial void LogRenamed(ILogger logger, int tcpPort, string from, string to);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nothing is announced by mDNS: {Reason} Disks are served all the same; tried again every {Seconds} s")]
    private static partial void LogFailed(ILogger logger, string reason, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "mDNS: {What}")]
    private static partial void LogWarning(ILogger logger, string what);
}
