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

/// <summary>Offers the management interface as long as the host runs. The Unix socket is there from the start; the web server behind it is
/// loaded by the first who connects, so that it costs nothing, neither at the start nor in memory, while nobody looks.</summary>
public sealed partial class ManagementService : IHostedLifecycleService, IAsyncDisposable
{
    private readonly ManagementOptions _options;
    private readonly Lazy<ManagementContext> _context;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private TcpAccess _access = new(null, null, null);
    private Socket? _socket;
    private SocketWatch? _watch;
    private volatile WebServer? _server;
    private OtlpExport? _export;
    private Task _opening = Task.CompletedTask;
    private bool _isStopped;

    /// <summary>Nothing happens before the start.</summary>
    /// <param name="options">Where it is offered, and to whom.</param>
    /// <param name="view">What can be seen.</param>
    /// <param name="control">What can be done.</param>
    /// <param name="configuration">What can be configured while the server runs; null for nothing.</param>
    /// <param name="events">The last lines of the log.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="time">The clock.</param>
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

        // Nothing of it is needed before somebody looks.
        _context = new Lazy<ManagementContext>(() => new ManagementContext(
            view, control, configuration, new OverviewMaker(view, events, clock), events, new TargetMetrics(view, time: clock), loggers,
                clock));
        _logger = loggers.CreateLogger<ManagementService>();
    }

    /// <summary>The meter, for exporters of the program's own.</summary>
    public TargetMetrics Metrics => _context.Value.Metrics;

    /// <summary>The Unix socket, or null when there is none.</summary>
    public string? SocketPath { get; private set; }

    /// <summary>Where it listens over TCP, with the ports that were taken.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => _server?.EndPoints ?? [];

    /// <summary>The web server is loaded: an address was asked for, or somebody has connected to the socket.</summary>
    public bool IsOpen => _server is not null;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Reads the files, and takes the socket that was asked for.</summary>
    /// <exception cref="StartupException">Something that the operator asked for is not to be had.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _access = TcpAccess.Load(_options);
        if (_options is { SocketPath: { } path, IsSocketRequired: true })
            Listen(path);
        return Task.CompletedTask;
    }

    /// <summary>The target listens: now management may take its time.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (_options is { SocketPath: { } path, IsSocketRequired: false })
            TryListen(path);
        if (_options.OtlpEndPoint is { } collector)
            _export = OtlpExport.Start(collector, Metrics);
        if (_options.EndPoints.Count > 0)
        {
            _opening = OpenAsync(cancellationToken);
            await _opening.ConfigureAwait(false);
            LogListening(_logger, string.Join(", ", EndPoints));
        }
        else if (_socket is not null)
        {
            _watch = new SocketWatch(_socket, () => _opening = OpenInTurnAsync());
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
        _watch?.Dispose();
        await _opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_server is not null)
            await _server.DisposeAsync().ConfigureAwait(false);
        else
            _socket?.Dispose();
        _export?.Dispose();
        if (_context.IsValueCreated)
            Metrics.Dispose();
    }

    private void Listen(string path)
    {
        _socket = ManagementSocket.Listen(path, _options.SocketGroup);
        SocketPath = path;
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
        _server = await WebServer.StartAsync(_socket, _options, _access, _context.Value, cancellationToken).ConfigureAwait(false);

    private async Task OpenInTurnAsync()
    {
        try
        {
            await OpenAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Disks are served all the same.
            LogFailed(_logger, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "There is no management socket: {Reason}")]
    private static partial void LogNoSocket(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Management listens on {EndPoints}")]
    private static partial void LogListening(ILogger logger, string endPoints);

    [LoggerMessage(Level = LogLevel.Error, Message = "The management interface cannot be opened")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
