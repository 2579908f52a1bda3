using System.Net;
using ManagedNvmet.Announcing;
using ManagedNvmet.Backends;
using ManagedNvmet.Configuration;
using ManagedNvmet.Io;
using ManagedNvmet.Running;
using ManagedNvmet.Target;
using ManagedNvmet.Tracing;
using ManagedNvmet.Transport.Tcp;
using ManagedNvmet.Transport.Tcp.Rebalancing;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet;

/// <summary>Disks, a target, shards and listeners, put together: what a process needs to serve NVMe/TCP. Serves a configuration, and changes
/// it while hosts are connected.</summary>
/// <remarks>Started once and stopped once. Several servers may run in one process.</remarks>
public sealed partial class NvmetServer : IAsyncDisposable, IConfigurationControl
{
    private readonly NvmetServerOptions options;
    private readonly ILoggerFactory loggers;
    private readonly ILogger logger;
    private readonly List<ShardContext> shards = [];
    private readonly CancellationTokenSource stopping = new();
    private NvmeTarget? target;
    private Traces? traces;
    private RunningTarget? running;
    private ConfigurationControl? control;
    private ConfigurationWatch? watch;
    private ShardBalancer? balancer;
    private Announcer? announcer;
    private Task healing = Task.CompletedTask;
    private Task sizing = Task.CompletedTask;
    private bool isStarted;
    private bool isStopped;

    /// <summary>Nothing happens before <see cref="StartAsync"/>.</summary>
    public NvmetServer(NvmetServerOptions options, ILoggerFactory loggers)
    {
        this.options = options;
        this.loggers = loggers;
        logger = loggers.CreateLogger<NvmetServer>();
        StateFolder = options.StateFolder ?? NvmetServerOptions.DefaultStateFolder;
    }

    /// <summary>What carries the subsystems.</summary>
    public NvmeTarget Target => target ?? throw NotStarted();

    /// <summary>Shows what hosts and the server say to each other.</summary>
    public Traces Traces => traces ?? throw NotStarted();

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
        if (announcer is null)
            return null;
        return port.EndPoint is not { } endPoint ? new AnnouncementState(null, null, "It does not listen.")
            : port.IsHidden ? new AnnouncementState(null, null, "It is hidden in discovery.")
            : announcer.StateOf(endPoint);
    }

    /// <summary>It accepts hosts.</summary>
    public bool IsListening => isStarted && !isStopped;

    /// <summary>It has begun to stop.</summary>
    public bool IsStopping => isStopped;

    /// <summary>Where it listens, with the ports that were taken.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. Status.Ports.Select(port => port.EndPoint).OfType<IPEndPoint>()];

    /// <inheritdoc/>
    public TargetConfiguration Configuration => Control.Configuration;

    /// <inheritdoc/>
    public string ETag => Control.ETag;

    /// <inheritdoc/>
    public IReadOnlyList<HistoryEntry> History => Control.History;

    /// <summary>Where identities are kept.</summary>
    public string StateFolder { get; }

    /// <summary>The file that the configuration comes from; null when it does not come from one.</summary>
    public string? ConfigurationPath => options.ConfigurationPath;

    /// <summary>Threads that carry connections.</summary>
    public int ShardCount => shards.Count;

    /// <summary>True when io_uring carries the disk operations, false when worker threads do.</summary>
    public bool UsesUring => shards.TrueForAll(context => context.Shard.WorkersReason is null);

    /// <summary>Most bytes that one shard uses for data in flight.</summary>
    public long BufferBytesOfShard => (long)options.Shard.BufferBytes + options.Shard.AdminBufferBytes + options.Shard.ReceiveBufferBytes;

    /// <summary>The shards that connections live on, for those who add connections of their own.</summary>
    public IReadOnlyList<ShardContext> Shards => shards;

    /// <summary>Connections that went from a busy shard to another so far.</summary>
    public long MovedConnections => balancer?.MovedCount ?? 0;

    /// <summary>Connections that were to go to another shard so far, and did not come to rest in time.</summary>
    public long UnmovedConnections => balancer?.GivenUpCount ?? 0;

    /// <summary>Connections at the moment.</summary>
    public int ConnectionCount => running?.ConnectionCount ?? 0;

    private RunningStatus Status => running?.Status ?? RunningStatus.Empty;

    private ConfigurationControl Control => control ?? throw NotStarted();

    /// <summary>Opens the disks, starts the shards and, last of all, listens.</summary>
    /// <param name="cancellationToken">Ends the start between two of its steps; nothing is left open.</param>
    /// <exception cref="StartupException">Says what is wrong; nothing is left open.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            Start(cancellationToken);
            isStarted = true;
        }
        catch (Exception exception) when (RunningTarget.IsExpected(exception))
        {
            await DisposeAsync().ConfigureAwait(false);
            throw new StartupException(Sentences.Of(exception), exception);
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public ConfigurationPlan Plan(TargetConfiguration wanted) => Control.Plan(wanted);

    /// <inheritdoc/>
    public async Task<ApplyResult> ApplyAsync(TargetConfiguration wanted, string? expectedETag, CancellationToken cancellationToken) =>
        Healing(await Control.ApplyAsync(wanted, expectedETag, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public async Task<ApplyResult> RollbackAsync(int? number, CancellationToken cancellationToken) =>
        Healing(await Control.RollbackAsync(number, cancellationToken).ConfigureAwait(false));

    /// <summary>Reads the file again and makes the target what it says; an unsound file changes nothing and is logged. Also tries at once what
    /// is not there yet, and asks the disks for their sizes.</summary>
    /// <returns>What came of it; null when the file could not be taken, or there is none.</returns>
    public async Task<ApplyResult?> ReloadAsync(CancellationToken cancellationToken)
    {
        ApplyResult? result = options.ConfigurationPath is null
            ? null
            : await Control.ReloadAsync(() => ReadFile(log: false), cancellationToken).ConfigureAwait(false);
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
        if (isStopped)
            return;
        isStopped = true;
        if (isStarted)
            LogStopping(logger, ConnectionCount);
        watch?.Dispose();
        balancer?.Dispose();
        await stopping.CancelAsync().ConfigureAwait(false);
        await healing.ConfigureAwait(false);
        await sizing.ConfigureAwait(false);
        if (control is not null)
            await control.CloseAsync().ConfigureAwait(false);

        // The goodbye goes out while the ports still listen: who has just heard of them is not sent to where nothing is.
        if (announcer is not null)
            await announcer.StopAsync().ConfigureAwait(false);
        using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            deadline.CancelAfter(options.StopTimeout);
            if (running is not null)
                await running.StopAcceptingAsync().ConfigureAwait(false);
            if (target is not null)
                await target.StopAsync(deadline.Token).ConfigureAwait(false);
            await FlushAsync(deadline.Token).ConfigureAwait(false);
            if (running is not null)
                await running.DrainAsync(deadline.Token).ConfigureAwait(false);
        }
        foreach (ShardContext context in shards)
            await context.Shard.DisposeAsync().ConfigureAwait(false);
        if (running is not null)
            await running.CloseDevicesAsync().ConfigureAwait(false);
        foreach (BlockDevice own in OwnDevices().Values)
            await own.DisposeAsync().ConfigureAwait(false);
        stopping.Dispose();
        if (isStarted)
            LogStopped(logger);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);

    private static InvalidOperationException NotStarted() => new("The server has not been started, or serves nothing.");

    private void Start(CancellationToken cancellationToken)
    {
        if (options.ShardCount is < 1 or > 64)
            throw new StartupException($"The number of shards is {options.ShardCount}, expected 1 to 64.");
        if (options.RebalanceInterval != TimeSpan.Zero
            && (options.RebalanceInterval < TimeSpan.FromMilliseconds(100) || options.RebalanceInterval > TimeSpan.FromHours(1)))
        {
            throw new StartupException($"{nameof(options.RebalanceInterval)} is {options.RebalanceInterval}, expected 100 milliseconds to 1 "
                + "hour, or zero to leave connections where they are placed.");
        }
        if (options.CongestionControl is { } name && CongestionControl.FaultOf(name) is { } fault)
            throw new StartupException(fault);
        IdentityStore identities = IdentityStore.Open(StateFolder);
        bool isQuickStart = options.ConfigurationPath is null && options.Configuration is null;
        TargetConfiguration configuration = options.ConfigurationPath is not null ? Sound(ReadFile(log: true), options.ConfigurationPath)
            : options.Configuration is { } given ? Sound(new ConfigurationReading
            {
                Configuration = given.Normalize(),
                Problems = ConfigurationFile.Check(given, Rules),
            }, "The configuration")
            : QuickStart.Build(options, identities).Normalize();
        ConfigurationHistory history = ConfigurationHistory.Open(
            options.ConfigurationPath is null ? null : Path.Combine(StateFolder, HistoryFolder));
        StartShards();
        target = new NvmeTarget(new TargetOptions { Limits = options.Limits }, loggers.CreateLogger<NvmeTarget>());
        traces = new Traces(target, shards.Count);
        running = new RunningTarget(
            target,
            new DeviceOpener(identities, OwnDevices(), loggers.CreateLogger<BlockDevice>()),
            new PortListeners(target, options, shards, loggers),
            logger)
        {
            StatusChanged = Announce,
        };
        running.Start(configuration, isQuickStart, cancellationToken);
        ReportWorkers();
        control = new ConfigurationControl(running, Rules, history, options.ConfigurationPath, options.Time, logger);
        control.Begin();
        if (options.ConfigurationPath is { } path && options.WatchesConfiguration)
            watch = new ConfigurationWatch(path, OnFileChanged, options.Time);
        StartHealing();
        sizing = WatchSizesAsync(stopping.Token);
        if (options.Mdns != MdnsMode.Off)
        {
            announcer = new Announcer(
                new AnnouncerOptions
                {
                    Mode = options.Mdns,
                    ServiceType = "_nvme-disc._tcp",
                    Texts = ["p=tcp", $"nqn={target.Discovery.Nqn}"],
                    Time = options.Time,
                },
                loggers.CreateLogger<Announcer>());
            Announce();
        }
    }

    private void Announce() =>
        announcer?.SetListening([.. Status.Ports.Where(port => !port.IsHidden).Select(port => port.EndPoint).OfType<IPEndPoint>()]);

    private void StartShards()
    {
        int spin = options.Shard.SpinMicroseconds;
        if (spin > 0 && !Processors.CanSpareSome(options.ShardCount))
        {
            LogNoSpin(logger, options.ShardCount, Processors.Allowed, Processors.Online);
            spin = 0;
        }
        for (int index = 0; index < options.ShardCount; index++)
        {
            var shard = new Shard(
                options.Shard with { Index = index, MaxBufferBytes = options.Limits.Connection.MaxTransferBytes, SpinMicroseconds = spin },
                loggers.CreateLogger<Shard>());
            shards.Add(new ShardContext(shard));
            shard.Start();
        }
        balancer = new ShardBalancer(shards, options.RebalanceInterval, options.Time, loggers.CreateLogger<ShardBalancer>());
    }

    private void ReportWorkers()
    {
        // Nearly always all shards for one reason: one line then, however many shards there are.
        foreach (IGrouping<string, ShardContext> group in shards.GroupBy(context => context.Shard.WorkersReason ?? ""))
        {
            if (group.Key.Length != 0)
                LogWorkers(logger, group.Count(), shards.Count, group.Key);
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        foreach (ServedNamespace served in Namespaces)
        {
            if (served.Namespace.Properties.IsReadOnly || !served.Namespace.Properties.HasVolatileCache || shards.Count == 0)
                continue;
            var flush = new StopFlush(served.Namespace.Device);
            if (!shards[0].Shard.TryPost(static state => ((StopFlush)state!).Begin(), flush))
                continue;
            try
            {
                NvmeStatus status = await flush.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
                if (!status.IsSuccess)
                    LogFlushFailed(logger, served.Name, status);
            }
            catch (OperationCanceledException)
            {
                LogFlushUnfinished(logger, served.Name, options.StopTimeout.TotalSeconds);
            }
        }
    }
}
