using System.Net;
using ManagedNvmet.Backends;
using ManagedNvmet.Io;
using ManagedNvmet.Target;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet;

/// <summary>Disks, a target, shards and listeners, put together: what a process needs to serve NVMe/TCP.</summary>
/// <remarks>Started once and stopped once. Several servers may run in one process.</remarks>
public sealed partial class NvmetServer : IAsyncDisposable
{
    private readonly NvmetServerOptions options;
    private readonly ILoggerFactory loggers;
    private readonly ILogger logger;
    private readonly List<ServedNamespace> namespaces = [];
    private readonly List<ShardContext> shards = [];
    private readonly HashSet<string> openPaths = new(StringComparer.Ordinal);
    private NvmeTarget? target;
    private Subsystem? subsystem;
    private TcpListener? listener;
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

    /// <summary>The subsystem that is served.</summary>
    public Subsystem Subsystem => subsystem ?? throw new InvalidOperationException("The server has not been started.");

    /// <summary>The target that is served: sessions, refusals, statistics, and everything that can be changed while it runs.</summary>
    public NvmeTarget Target => target ?? throw new InvalidOperationException("The server has not been started.");

    /// <summary>What is served, in ascending order of NSID.</summary>
    public IReadOnlyList<ServedNamespace> Namespaces => namespaces;

    /// <summary>The target; null before the start.</summary>
    public NvmeTarget? Target => target;

    /// <summary>It accepts hosts.</summary>
    public bool IsListening => isStarted && !isStopped;

    /// <summary>It has begun to stop.</summary>
    public bool IsStopping => isStopped;

    /// <summary>Where it listens, with the ports that were taken.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => listener?.EndPoints ?? [];

    /// <summary>The hosts that may connect; any host when empty.</summary>
    public IReadOnlyList<Nqn> AllowedHosts => [.. options.AllowedHosts];

    /// <summary>Where identities are kept.</summary>
    public string StateFolder { get; }

    /// <summary>Threads that carry connections.</summary>
    public int ShardCount => shards.Count;

    /// <summary>True when io_uring carries the disk operations, false when worker threads do.</summary>
    public bool UsesUring => shards.TrueForAll(context => context.Shard.WorkersReason is null);

    /// <summary>Most bytes that one shard uses for data in flight.</summary>
    public long BufferBytesOfShard => (long)options.Shard.BufferBytes + options.Shard.AdminBufferBytes + options.Shard.ReceiveBufferBytes;

    /// <summary>The shards that connections live on, for those who add connections of their own.</summary>
    public IReadOnlyList<ShardContext> Shards => shards;

    /// <summary>Connections at the moment.</summary>
    public int ConnectionCount => listener?.ConnectionCount ?? 0;

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
        catch (Exception exception) when (IsExpected(exception))
        {
            await DisposeAsync().ConfigureAwait(false);
            throw new StartupException(Sentence(exception), exception);
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

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
        using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            deadline.CancelAfter(options.StopTimeout);
            if (listener is not null)
                await listener.StopAcceptingAsync().ConfigureAwait(false);
            if (target is not null)
                await target.StopAsync(deadline.Token).ConfigureAwait(false);
            await FlushAsync(deadline.Token).ConfigureAwait(false);
        }
        foreach (ShardContext context in shards)
            await context.Shard.DisposeAsync().ConfigureAwait(false);
        foreach (ServedNamespace served in namespaces)
            await served.Namespace.Device.DisposeAsync().ConfigureAwait(false);
        if (isStarted)
            LogStopped(logger);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);

    private static bool IsExpected(Exception exception) => exception is BackendException or IOException or UnauthorizedAccessException
        or ArgumentException or NotSupportedException or OutOfMemoryException;

    // What .NET adds to the message of an argument's exception means nothing to the person who started the server.
    private static string Sentence(Exception exception) => exception is ArgumentException { ParamName: { } name }
        ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
        : exception.Message;

    private void Start(CancellationToken cancellationToken)
    {
        if (options.Namespaces.Count == 0)
            throw new StartupException("There is no disk to serve: name one with --namespace.");
        if (options.ShardCount is < 1 or > 64)
            throw new StartupException($"The number of shards is {options.ShardCount}, expected 1 to 64.");
        IdentityStore identities = IdentityStore.Open(StateFolder);
        OpenNamespaces(identities, cancellationToken);
        for (int index = 0; index < options.ShardCount; index++)
        {
            var shard = new Shard(
                options.Shard with { Index = index, MaxBufferBytes = options.Limits.Connection.MaxTransferBytes },
                loggers.CreateLogger<Shard>());
            shards.Add(new ShardContext(shard));
            shard.Start();
        }
        ReportWorkers();
        cancellationToken.ThrowIfCancellationRequested();

        Nqn nqn = options.SubsystemNqn ?? DefaultNqn(identities);
        if (nqn.Equals(Nqn.Discovery))
            throw new StartupException($"{nqn} is the name of every discovery subsystem; choose another name for yours (--nqn).");
        target = new NvmeTarget(new TargetOptions { Limits = options.Limits }, loggers.CreateLogger<NvmeTarget>());
        subsystem = target.AddSubsystem(new SubsystemOptions
        {
            Nqn = nqn,
            SerialNumber = options.SerialNumber ?? identities.SerialNumber(nqn.Text),
            Access = options.AllowedHosts.Count == 0 ? SubsystemAccess.AnyHost : SubsystemAccess.Of(options.AllowedHosts),
            Namespaces = namespaces.ConvertAll(served => served.Namespace),
        });

        IReadOnlyList<IPEndPoint> endPoints = options.Listen.Count > 0
            ? [.. options.Listen]
            : [new IPEndPoint(IPAddress.Loopback, TcpTransportOptions.DefaultPort)];
        listener = new TcpListener(
            new TcpTransportOptions { EndPoints = endPoints },
            options.Limits.Connection,
            shards,
            target.CreateQueue,
            target.Connections,
            loggers.CreateLogger<TcpListener>());
        listener.Bind();
        ushort portId = 0;
        target.SetPorts(listener.EndPoints.Select(endPoint => new Port(++portId, endPoint.Address, endPoint.Port)).ToList());
        listener.Start();
    }

    private void OpenNamespaces(IdentityStore identities, CancellationToken cancellationToken)
    {
        var used = new HashSet<uint>(options.Namespaces.Select(each => each.Id ?? 0));
        uint next = 1;
        foreach (NamespaceOptions wanted in options.Namespaces)
        {
            cancellationToken.ThrowIfCancellationRequested();
            uint id;
            if (wanted.Id is { } chosen)
            {
                id = chosen;
            }
            else
            {
                while (used.Contains(next))
                    next++;
                id = next++;
            }
            namespaces.Add(Open(wanted, id, identities));
        }
        namespaces.Sort((left, right) => left.Namespace.Id.CompareTo(right.Namespace.Id));
    }

    private ServedNamespace Open(NamespaceOptions wanted, uint id, IdentityStore identities)
    {
        if (wanted.Device is { } own)
        {
            string name = wanted.Name ?? $"namespace {id}";
            NamespaceIdentity kept = wanted.Identity ?? identities.Claim($"device:{name}", null, out _);
            return new ServedNamespace(name, new Namespace(id, own, kept));
        }
        if (wanted.Specification is not { } text)
            throw new StartupException($"Namespace {id} has neither a specification nor a device.");
        NamespaceSpec spec = NamespaceSpec.Parse(text);
        spec = spec with
        {
            IsReadOnly = spec.IsReadOnly || options.IsReadOnly,
            CreateBytes = spec.CreateBytes ?? ParseCreateSize(wanted.CreateSize),
        };
        BlockDevice device = OpenDevice(spec);
        try
        {
            NamespaceIdentity identity = wanted.Identity ?? identities.Claim(IdentityKey.Of(spec), spec.Uuid, out _);
            return new ServedNamespace(NameOf(spec), new Namespace(id, device, identity));
        }
        catch
        {
            device.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    private BlockDevice OpenDevice(NamespaceSpec spec)
    {
        // The kernel refuses the second opening of a disk, but it cannot know that the first one was ours.
        if (spec.Kind == NamespaceKind.File && !spec.IsForced && !openPaths.Add(IdentityKey.Of(spec)) && !spec.IsReadOnly)
            throw new StartupException($"{spec.Path} is given twice; a disk is served once.");
        return BackendFactory.Open(spec, loggers.CreateLogger<BlockDevice>());
    }

    private static string NameOf(NamespaceSpec spec) => spec.Kind == NamespaceKind.File ? spec.Path : spec.Text.Split(',')[0];

    private static ulong? ParseCreateSize(string? text)
    {
        if (text is null)
            return null;
        return ByteSize.TryParse(text, out ulong bytes) && bytes > 0
            ? bytes
            : throw new StartupException($"--create is '{text}', expected a size such as 512M, 10G or 1TiB.");
    }

    private static Nqn DefaultNqn(IdentityStore identities)
    {
        Guid uuid = identities.Claim("subsystem", null, out _).Uuid;
        return Nqn.Parse($"nqn.2014-08.org.nvmexpress:uuid:{uuid}");
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
        foreach (ServedNamespace served in namespaces)
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

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Disk operations of {Count} of {ShardCount} shards go through worker threads instead of io_uring: {Reason}")]
    private static partial void LogWorkers(ILogger logger, int count, int shardCount, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping with {Connections} connections open")]
    private static partial void LogStopping(ILogger logger, int connections);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped")]
    private static partial void LogStopped(ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Name} could not make what was written durable while stopping: {Status}")]
    private static partial void LogFlushFailed(ILogger logger, string name, NvmeStatus status);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Name} did not finish its flush within {Seconds} s of stopping")]
    private static partial void LogFlushUnfinished(ILogger logger, string name, double seconds);
}
