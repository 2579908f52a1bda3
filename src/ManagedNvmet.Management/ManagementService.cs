using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Configuration;
using ManagedNvmet.Management.Api;
using ManagedNvmet.Management.Events;
using ManagedNvmet.Management.Metrics;
using ManagedNvmet.Reports;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Management;

/// <summary>Serves the management interface while the host runs. It creates the Unix socket at the start. It loads the web server only
/// when the first client connects, so that an unused interface costs neither start time nor memory. When TCP addresses are configured,
/// it loads the web server at once.</summary>
public sealed partial class ManagementService : IHostedLifecycleService, IAsyncDisposable
{
    private readonly ManagementOptions _options;
    private readonly Lazy<ManagementContext> _context;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private TcpCredentials _credentials = new(null, null, null);
    private Socket? _socket;
    private IReadOnlyList<Socket> _listeners = [];
    private FirstConnectionWatcher? _watcher;
    private volatile WebServer? _server;
    private OtlpExport? _export;
    private Task _opening = Task.CompletedTask;
    private bool _isStopped;

    /// <summary>Creates the service. It does nothing before the host starts it.</summary>
    /// <param name="options">Addresses and access control.</param>
    /// <param name="view">Reads the state of the target.</param>
    /// <param name="control">Ends sessions and starts traces.</param>
    /// <param name="configuration">Reads and changes the running configuration; null to offer no configuration endpoints.</param>
    /// <param name="events">Keeps the latest lines of the log.</param>
    /// <param name="loggers">Creates the loggers.</param>
    /// <param name="time">The clock; the system's when null.</param>
    public ManagementService(
        ManagementOptions options,
        ITargetView view,
        ITargetControl control,
        IConfigurationControl? configuration,
        EventLog events,
        ILoggerFactory loggers,
        TimeProvider? time = null)
    {
        _options = options;
        TimeProvider clock = time ?? TimeProvider.System;

        // Created with the web server, when the first client connects.
        _context = new Lazy<ManagementContext>(() => new ManagementContext(
            view,
            control,
            configuration,
            new OverviewMaker(view, events, clock),
            events,
            options.Settings,
            new TargetMetrics(view, time: clock),
            loggers,
            clock));
        _logger = loggers.CreateLogger<ManagementService>();
    }

    /// <summary>The metrics, for a program that exports them itself.</summary>
    public TargetMetrics Metrics => _context.Value.Metrics;

    /// <summary>Path of the Unix socket, or null when the server has none.</summary>
    public string? SocketPath { get; private set; }

    /// <summary>TCP addresses on which it listens. Port 0 of the options appears here as the port that the system chose.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => _server?.EndPoints ?? [];

    /// <summary>True when the web server is loaded: a TCP address is configured, or a client has connected to the Unix socket.</summary>
    public bool IsOpen => _server is not null;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Reads the token and certificates, listens on the TCP addresses, and creates the Unix socket if the operator named one.
    /// Failures here stop the start before the target serves hosts.</summary>
    /// <exception cref="StartupException">A file is invalid, or the socket or an address cannot be used.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _credentials = TcpCredentials.Load(_options);
        _listeners = ManagementListeners.Open(_options.EndPoints);
        if (_options is { SocketPath: { } path, IsSocketRequired: true })
            Listen(path);
        return Task.CompletedTask;
    }

    /// <summary>Creates the default socket, and starts the OTLP export and the web server. The target already listens then, so that this
    /// work does not delay hosts.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (_options is { SocketPath: { } path, IsSocketRequired: false })
            TryListen(path);
        if (_options.OtlpEndPoint is { } collector)
            _export = OtlpExport.Start(collector, Metrics);
        if (_listeners.Count > 0)
        {
            _opening = OpenAsync(cancellationToken);
            await _opening.ConfigureAwait(false);
            LogListening(_logger, string.Join(", ", EndPoints));
        }
        else if (_socket is not null)
        {
            _watcher = new FirstConnectionWatcher(_socket, () => _opening = OpenAndLogFailureAsync());
        }
    }

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync().ConfigureAwait(false);

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isStopped)
                return;
            _isStopped = true;
        }
        _watcher?.Dispose();
        await _opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_server is not null)
            await _server.DisposeAsync().ConfigureAwait(false);
        _socket?.Dispose();
        foreach (Socket listener in _listeners)
            listener.Dispose();
        _export?.Dispose();
        if (_context.IsValueCreated)
            Metrics.Dispose();
    }

    private void Listen(string path)
    {
        _socket = ManagementSocket.Listen(path, _options.SocketGroup);
        SocketPath = Path.GetFullPath(path);
    }

    private void TryListen(string path)
    {
        try
        {
            Listen(path);
        }
        catch (StartupException exception)
        {
            LogNoSocket(_logger, exception.Message);
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken) =>
        _server = await WebServer.StartAsync(_socket, _listeners, _credentials, _context.Value, cancellationToken).ConfigureAwait(false);

    private async Task OpenAndLogFailureAsync()
    {
        try
        {
            await OpenAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The target goes on serving hosts without the management interface.
            LogFailed(_logger, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The management socket is not available: {Reason}")]
    private static partial void LogNoSocket(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The management interface listens on {EndPoints}")]
    private static partial void LogListening(ILogger logger, string endPoints);

    [LoggerMessage(Level = LogLevel.Error, Message = "The management interface failed to start")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
