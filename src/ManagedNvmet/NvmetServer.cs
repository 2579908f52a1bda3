using System.IO.Pipelines;
using System.Net;
using ManagedNvmet.Announcing;
using ManagedNvmet.Backends;
using ManagedNvmet.Backends.Identities;
using ManagedNvmet.Backends.Stores;
using ManagedNvmet.Configuration;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Running;
using ManagedNvmet.Target;
using ManagedNvmet.Target.Subsystems;
using ManagedNvmet.Tracing;
using ManagedNvmet.Transport.Pipelines;
using ManagedNvmet.Transport.Tcp;
using ManagedNvmet.Transport.Tcp.Rebalancing;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet;

/// <summary>Disks, a target, shards and listeners, put together: what a process needs to serve NVMe/TCP. Serves a configuration, and
/// changes it while hosts are connected.</summary>
/// <remarks>Started once and stopped once. Several servers may run in one process.</remarks>
public sealed partial class NvmetServer : IAsyncDisposable, IConfigurationControl
{
    private const string ThisProgram = "the program that hosts the server";

    private readonly NvmetServerOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly List<ShardContext> _shards = [];
    private readonly CancellationTokenSource _stopping = new();
    private IdentityStore? _identities;
    private NvmeTarget? _target;
    private Traces? _traces;
    private RunningTarget? _running;
    private ConfigurationControl? _control;
    private IDocumentStore? _store;
    private ConfigurationWatch? _watch;
    private ShardBalancer? _balancer;
    private Announcer? _announcer;
    private PipeConnections? _pipes;
    private Task _healing = Task.CompletedTask;
    private Task _sizing = Task.CompletedTask;
    private bool _isStarted;
    private bool _isStopped;

    /// <summary>Nothing happens before <see cref="StartAsync"/>.</summary>
    public NvmetServer(NvmetServerOptions options, ILoggerFactory loggers)
    {
        _options = options;
        _loggers = loggers;
        _logger = loggers.CreateLogger<NvmetServer>();
        StateFolder = Path.GetFullPath(options.StateFolder ?? NvmetServerOptions.DefaultStateFolder);
    }

    /// <summary>What carries the subsystems.</summary>
    public NvmeTarget Target => _target ?? throw NotStarted();

    /// <summary>Shows what hosts and the server say to each other.</summary>
    public Traces Traces => _traces ?? throw NotStarted();

    /// <summary>The first subsystem in the order of names: the only one where disks were given without a configuration.</summary>
    /// <exception cref="InvalidOperationException">The server has not been started, or serves none.</exception>
    public Subsystem Subsystem => Subsystems is [{ } first, ..] ? first : throw NotStarted();

    /// <summary>The subsystems that are served, in the order of their names: a snapshot.</summary>
    public IReadOnlyList<Subsystem> Subsystems => Status.Subsystems;

    /// <summary>The namespaces that are served, by subsystem and NSID: a snapshot.</summary>
    public IReadOnlyList<ServedNamespace> Namespaces => [.. Status.Namespaces.Select(each => each.Served).OfType<ServedNamespace>()];

    /// <summary>All namespaces of the configuration, those included that are not ready, with the reason: a snapshot.</summary>
    public IReadOnlyList<NamespaceStatus> NamespaceStates => Status.Namespaces;

    /// <summary>All ports of the configuration, those included that do not listen, with the reason: a snapshot.</summary>
    public IReadOnlyList<PortStatus> PortStates => Status.Ports;

    /// <summary>How a port is announced by multicast DNS; null when that is off.</summary>
    public AnnouncementState? AnnouncementOf(PortStatus port)
    {
        if (_announcer is null)
            return null;
        return port.EndPoint is not { } endPoint ? new AnnouncementState(null, null, "It does not listen.")
            : port.IsHidden ? new AnnouncementState(null, null, "It is hidden in discovery.")
            : _announcer.StateOf(endPoint);
    }

    /// <summary>It accepts hosts.</summary>
    public bool IsListening => _isStarted && !_isStopped;

    /// <summary>It has begun to stop.</summary>
    public bool IsStopping => _isStopped;

    /// <summary>Where it listens, with the ports that were taken.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. Status.Ports.Select(port => port.EndPoint).OfType<IPEndPoint>()];

    /// <inheritdoc/>
    public TargetConfiguration Configuration => Control.Configuration;

    /// <inheritdoc/>
    public TargetConfiguration Export() => Control.Export();

    /// <inheritdoc/>
    public string ETag => Control.ETag;

    /// <inheritdoc/>
    public bool KeepsChanges => _options.ConfigurationPath is not null;

    /// <summary>Why the configuration file is not in force, in a sentence; null while it is, or when there is none.</summary>
    public string? ConfigurationFault => _control?.FileFault;

    /// <inheritdoc/>
    public IReadOnlyList<HistoryEntry> History => Control.History;

    /// <summary>Where identities are kept.</summary>
    public string StateFolder { get; }

    /// <summary>The file that the configuration comes from; null when it does not come from one.</summary>
    public string? ConfigurationPath => _options.ConfigurationPath;

    /// <summary>Threads that carry connections.</summary>
    public int ShardCount => _shards.Count;

    /// <summary>True when io_uring carries the disk operations, false when worker threads do.</summary>
    public bool UsesUring => _shards.TrueForAll(context => context.Shard.WorkersReason is null);

    /// <summary>Most bytes that one shard uses for data in flight.</summary>
    public long BufferBytesOfShard =>
        (long)_options.Shard.BufferBytes + _options.Shard.AdminBufferBytes + _options.Shard.ReceiveBufferBytes;

    /// <summary>The shards that connections live on, for those who add connections of their own.</summary>
    public IReadOnlyList<ShardContext> Shards => _shards;

    /// <summary>Connections that went from a busy shard to another so far.</summary>
    public long MovedConnections => _balancer?.MovedCount ?? 0;

    /// <summary>Connections that were to go to another shard so far, and did not come to rest in time.</summary>
    public long UnmovedConnections => _balancer?.GivenUpCount ?? 0;

    /// <summary>Connections at the moment.</summary>
    public int ConnectionCount => (_running?.ConnectionCount ?? 0) + (_pipes?.Count ?? 0);

    private RunningStatus Status => _running?.Status ?? RunningStatus.Empty;

    private ConfigurationControl Control => _control ?? throw NotStarted();

    /// <summary>Opens the disks, starts the shards and, last of all, listens.</summary>
    /// <param name="cancellationToken">Ends the start between two of its steps; nothing is left open.</param>
    /// <exception cref="StartupException">Says what is wrong; nothing is left open.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            Start(cancellationToken);
            _isStarted = true;
        }
        catch (Exception exception) when (RunningTarget.IsExpected(exception))
        {
            await DisposeAsync().ConfigureAwait(false);
            throw new StartupException(Sentences.Of(exception), exception) { Setting = (exception as BackendException)?.Setting };
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Serves one connection whose bytes the program carries: TLS, another server's connection, or any other reliable stream. Both
    /// pipes are completed in the end. A refused connection ends at once; a warning in the log says why. From any thread.</summary>
    /// <param name="pipe">The bytes from the host and to it. Its thresholds bound what a slow side makes the other hold.</param>
    /// <param name="connection">Where the host is; null for a host that is part of this process.</param>
    /// <param name="cancellationToken">Ends the connection.</param>
    /// <returns>Ends when the connection is over, or when the server has stopped.</returns>
    /// <exception cref="InvalidOperationException">The server has not been started, or <see cref="NvmetServerOptions.AcceptsPipes"/> is not
    /// set.</exception>
    public Task AcceptAsync(IDuplexPipe pipe, PipeConnectionOptions? connection = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        if (!_options.AcceptsPipes)
        {
            throw new InvalidOperationException("The server takes no connections from the program: set "
                + $"{nameof(NvmetServerOptions)}.{nameof(NvmetServerOptions.AcceptsPipes)}.");
        }
        return (_pipes ?? throw NotStarted()).AcceptAsync(pipe, connection ?? new PipeConnectionOptions(), cancellationToken);
    }

    /// <inheritdoc/>
    public ConfigurationPlan Plan(TargetConfiguration wanted) => Control.Plan(wanted);

    /// <summary>As the other overload, asked for by this program itself.</summary>
    public Task<ApplyResult> ApplyAsync(TargetConfiguration wanted, string? expectedETag, CancellationToken cancellationToken) =>
        ApplyAsync(wanted, expectedETag, ThisProgram, cancellationToken);

    /// <inheritdoc/>
    public async Task<ApplyResult> ApplyAsync(
        TargetConfiguration wanted, string? expectedETag, string requester, CancellationToken cancellationToken) =>
        Healing(await Control.ApplyAsync(wanted, expectedETag, requester, cancellationToken).ConfigureAwait(false));

    /// <summary>As the other overload, asked for by this program itself.</summary>
    public Task<ApplyResult> RollbackAsync(int? number, CancellationToken cancellationToken) =>
        RollbackAsync(number, ThisProgram, cancellationToken);

    /// <inheritdoc/>
    public async Task<ApplyResult> RollbackAsync(int? number, string requester, CancellationToken cancellationToken) =>
        Healing(await Control.RollbackAsync(number, requester, cancellationToken).ConfigureAwait(false));

    /// <summary>Reads the file again and makes the target what it says; an unsound file changes nothing and is logged. Also tries at once
    /// what is not there yet, and asks the disks for their sizes.</summary>
    /// <returns>What came of it; null when the file could not be taken, or there is none.</returns>
    public async Task<ApplyResult?> ReloadAsync(CancellationToken cancellationToken)
    {
        ApplyResult? result = _store is null
            ? null
            : await Control.ReloadAsync(() => ReadStore(log: false), cancellationToken).ConfigureAwait(false);
        await HealAsync(cancellationToken).ConfigureAwait(false);
        await RefreshSizesAsync(cancellationToken).ConfigureAwait(false);
        return result is null ? null : Healing(result);
    }

    /// <summary>Tries at once what is not there yet: addresses and devices.</summary>
    /// <returns>True while something is waited for.</returns>
    public Task<bool> HealAsync(CancellationToken cancellationToken) => Control.HealAsync(cancellationToken);

    /// <summary>Asks at once whether disks have another size, and tells the hosts that see them. Happens by itself every
    /// <see cref="NvmetServerOptions.SizeInterval"/>.</summary>
    public Task RefreshSizesAsync(CancellationToken cancellationToken) => Control.RefreshSizesAsync(cancellationToken);

    /// <summary>Stops accepting, lets commands in flight come to their end within <see cref="NvmetServerOptions.StopTimeout"/>, makes what
    /// was written durable, and closes everything.</summary>
    /// <param name="cancellationToken">Cuts the waiting short.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_isStopped)
            return;
        _isStopped = true;
        if (_isStarted)
            LogStopping(_logger, ConnectionCount);
        _watch?.Dispose();
        _balancer?.Dispose();
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _healing.ConfigureAwait(false);
        await _sizing.ConfigureAwait(false);
        if (_control is not null)
            await _control.CloseAsync().ConfigureAwait(false);

        // The goodbye goes out while the ports still listen: who has just heard of them is not sent to where nothing is.
        if (_announcer is not null)
            await _announcer.StopAsync().ConfigureAwait(false);
        using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            deadline.CancelAfter(_options.StopTimeout);
            _pipes?.StopAccepting();
            if (_running is not null)
                await _running.StopAcceptingAsync().ConfigureAwait(false);
            if (_target is not null)
                await _target.StopAsync(deadline.Token).ConfigureAwait(false);
            await FlushAsync(deadline.Token).ConfigureAwait(false);
            if (_running is not null)
                await _running.DrainAsync(deadline.Token).ConfigureAwait(false);
            if (_pipes is not null)
                await _pipes.StopAsync(deadline.Token).ConfigureAwait(false);
        }
        foreach (ShardContext context in _shards)
            await context.Shard.DisposeAsync().ConfigureAwait(false);
        if (_running is not null)
            await _running.CloseDevicesAsync().ConfigureAwait(false);
        foreach (BlockDevice own in OwnDevices().Values)
            await own.DisposeAsync().ConfigureAwait(false);
        _identities?.Dispose();
        _stopping.Dispose();
        if (_isStarted)
            LogStopped(_logger);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);

    private static InvalidOperationException NotStarted() => new("The server has not been started, or serves nothing.");

    private void Start(CancellationToken cancellationToken)
    {
        if (_options.ShardCount is < 1 or > 64)
            throw new StartupException($"The number of shards is {_options.ShardCount}, expected 1 to 64.");
        if (_options.RebalanceInterval != TimeSpan.Zero
            && (_options.RebalanceInterval < TimeSpan.FromMilliseconds(100) || _options.RebalanceInterval > TimeSpan.FromHours(1)))
        {
            throw new StartupException($"{nameof(_options.RebalanceInterval)} is {_options.RebalanceInterval}, expected 100 milliseconds "
                + "to 1 hour, or zero to leave connections where they are placed.");
        }
        if (_options.CongestionControl is { } name && CongestionControl.FaultOf(name) is { } fault)
            throw new StartupException(fault);
        IdentityStore identities = _identities = IdentityStore.Open(StateFolder, _loggers.CreateLogger<IdentityStore>());
        bool isQuickStart = _options.ConfigurationPath is null && _options.Configuration is null;
        _store = _options.ConfigurationPath is { } file ? ConfigurationFile.Store(file) : null;
        ConfigurationReading? stored = _store is null ? null : ReadStore(log: true);
        TargetConfiguration configuration = stored is not null ? Sound(stored, _store!.Name)
            : _options.Configuration is { } given ? Sound(new ConfigurationReading
            {
                Configuration = given.Normalize(),
                Problems = ConfigurationFile.Check(given, Rules),
            }, "The configuration")
            : QuickStart.Build(_options, identities).Normalize();
        if (stored is null)
            LogWarnings(configuration);
        ConfigurationHistory history = ConfigurationHistory.Open(
            _options.ConfigurationPath is null ? null : Path.Combine(StateFolder, HistoryFolder));
        StartShards();
        _target = new NvmeTarget(new TargetOptions { Limits = _options.Limits }, _loggers.CreateLogger<NvmeTarget>());
        _traces = new Traces(_target, _shards.Count);
        _running = new RunningTarget(
            _target,
            new DeviceOpener(identities, _options.AllBackends, OwnDevices(), _loggers.CreateLogger<BlockDevice>()),
            new PortListeners(_target, _options, _shards, _loggers),
            _logger)
        {
            StatusChanged = Announce,
        };
        _running.Start(configuration, isQuickStart, cancellationToken);
        ILogger<ListenerConnections> ofConnections = _loggers.CreateLogger<ListenerConnections>();
        _pipes = new PipeConnections(
            new ListenerConnections(_options.Limits.Connection, _shards, _target.CreateQueue, _target.Connections, ofConnections),
            ofConnections);
        ReportWorkers();
        _control = new ConfigurationControl(_running, Rules, history, _store, _options.Time, _logger);
        _control.Begin(stored?.Version ?? "");
        if (_options.ConfigurationPath is { } path && _options.WatchesConfiguration)
            _watch = new ConfigurationWatch(path, OnFileChanged, _options.Time);
        StartHealing();
        _sizing = WatchSizesAsync(_stopping.Token);
        if (_options.Mdns != MdnsMode.Off)
        {
            _announcer = new Announcer(
                new AnnouncerOptions
                {
                    Mode = _options.Mdns,
                    ServiceType = "_nvme-disc._tcp",
                    Texts = ["p=tcp", $"nqn={_target.Discovery.Nqn}"],
                    Time = _options.Time,
                },
                _loggers.CreateLogger<Announcer>());
            Announce();
        }
    }

    private void Announce() =>
        _announcer?.SetListening([.. Status.Ports.Where(port => !port.IsHidden).Select(port => port.EndPoint).OfType<IPEndPoint>()]);

    private void StartShards()
    {
        int spin = _options.Shard.SpinMicroseconds;
        if (spin > 0 && !Processors.CanSpareSome(_options.ShardCount))
        {
            LogNoSpin(_logger, _options.ShardCount, Processors.Allowed, Processors.Online);
            spin = 0;
        }
        for (int index = 0; index < _options.ShardCount; index++)
        {
            var shard = new Shard(
                _options.Shard with
                {
                    Index = index,
                    MaxBufferBytes = _options.Limits.Connection.MaxTransferBytes,
                    SpinMicroseconds = spin,
                },
                _loggers.CreateLogger<Shard>());
            _shards.Add(new ShardContext(shard));
            shard.Start();
        }
        _balancer = new ShardBalancer(_shards, _options.RebalanceInterval, _options.Time, _loggers.CreateLogger<ShardBalancer>());
    }

    private void ReportWorkers()
    {
        // Nearly always all shards for one reason: one line then, however many shards there are.
        foreach (IGrouping<string, ShardContext> group in _shards.GroupBy(context => context.Shard.WorkersReason ?? ""))
        {
            if (group.Key.Length != 0)
                LogWorkers(_logger, group.Count(), _shards.Count, group.Key);
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        foreach (ServedNamespace served in Namespaces)
        {
            if (served.Namespace.Properties.IsReadOnly || !served.Namespace.Properties.HasVolatileCache || _shards.Count == 0)
                continue;
            var flush = new StopFlush(served.Namespace.Device);
            if (!_shards[0].Shard.TryPost(static state => ((StopFlush)state!).Begin(), flush))
                continue;
            try
            {
                NvmeStatus status = await flush.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
                if (!status.IsSuccess)
                    LogFlushFailed(_logger, served.Name, status);
            }
            catch (OperationCanceledException)
            {
                LogFlushUnfinished(_logger, served.Name, _options.StopTimeout.TotalSeconds);
            }
        }
    }
}
