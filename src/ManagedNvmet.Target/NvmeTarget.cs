using System.Collections.Concurrent;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Admission;
using ManagedNvmet.Target.Discovery;
using ManagedNvmet.Target.Health;
using ManagedNvmet.Target.Logging;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.QualityOfService;
using ManagedNvmet.Target.Queues;
using ManagedNvmet.Target.Refusals;
using ManagedNvmet.Target.Subsystems;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.Target;

/// <summary>An NVMe over Fabrics target: NVM subsystems and the discovery subsystem that tells of them. No socket and no file: a
/// transport brings connections, and block devices are given to it.</summary>
/// <remarks>Thread-safe. Several targets in one process know nothing of each other.</remarks>
public sealed partial class NvmeTarget
{
    // Lines about hosts that come and go: a restart with a hundred of them should be in the log.
    private const int AssociationBurst = 256;

    private static readonly Comparer<Subsystem> ByName =
        Comparer<Subsystem>.Create(static (left, right) => string.CompareOrdinal(left.Nqn.Text, right.Nqn.Text));

    private readonly Lock _gate = new();
    private readonly HashSet<QueuePair> _queues = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<Nqn, Subsystem> _byNqn = new();
    private readonly ConcurrentDictionary<Nqn, Throttle> _hostThrottles = new();
    private volatile Subsystem[] _subsystems = [];
    private volatile Port[] _ports = [];
    private volatile bool _isStopping;
    private volatile bool _isLoading;
    private int _hasWarnedOfUnnamed;

    /// <param name="options">What the target is made with.</param>
    /// <param name="logger">Where it logs, or null.</param>
    public NvmeTarget(TargetOptions? options = null, ILogger? logger = null)
    {
        options ??= new TargetOptions();
        Limits = options.Limits;
        Time = options.Time;
        Logger = logger ?? NullLogger.Instance;
        Limiter = new LogLimiter(Logger, Time);
        RefusalLimiter = new LogLimiter(Logger, Time);
        AssociationLimiter = new LogLimiter(Logger, Time, AssociationBurst);
        DeviceErrors = new DeviceErrorLog(Logger, Time);
        Hosts = new HostRegistry(Limits.Host);
        Refusals = new RefusalLog(Time);
        Statistics = new TargetStatistics(Limits.MaxNamespaces, options.MeasuresLatency);
        Connections = new ConnectionAdmission(this);
        Registrations = new HostRegistrations(Limits.MaxRegisteredHosts);
        DiscoveryService = new DiscoveryService(this, options.TellsOfDiscovery);
        Discovery = new Subsystem(
            this, new SubsystemOptions { Nqn = options.DiscoveryNqn, SerialNumber = "discovery" }, isDiscovery: true);
    }

    /// <summary>The limits in force.</summary>
    public TargetLimits Limits { get; }

    /// <summary>The discovery subsystem; every host may connect to it, and sees what it may use.</summary>
    public Subsystem Discovery { get; }

    /// <summary>The NVM subsystems in the order of their names: a snapshot.</summary>
    public ReadOnlySpan<Subsystem> Subsystems => _subsystems;

    /// <summary>The listeners that the discovery log page tells of: a snapshot.</summary>
    public ReadOnlySpan<Port> Ports => _ports;

    /// <summary>True from <see cref="StopAsync"/> on: every Connect is refused, and the host told that it may try again.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>True while the configuration is being loaded: a host that is not known yet is refused so that it may try again. Without
    /// that, Linux would give up a subsystem that is about to be there.</summary>
    public bool IsLoading
    {
        get => _isLoading;
        set => _isLoading = value;
    }

    /// <summary>The last refusals, and how many there were.</summary>
    public RefusalLog Refusals { get; }

    /// <summary>The hosts that were seen twice at once.</summary>
    public DuplicateHostLog DuplicateHosts { get; } = new();

    /// <summary>What hosts have done to namespaces.</summary>
    public TargetStatistics Statistics { get; }

    /// <summary>What peers did wrong on the transport.</summary>
    public TransportErrors TransportErrors { get; } = new();

    /// <summary>Decides about connections; for the transport.</summary>
    public ConnectionAdmission Connections { get; }

    /// <summary>The hosts that have registered with the discovery subsystem.</summary>
    public HostRegistrations Registrations { get; }

    /// <summary>Told of each connection before its first byte, on its thread; null for nobody.</summary>
    public Action<ControllerConnection>? ConnectionOpened { get; set; }

    internal HostRegistry Hosts { get; }

    internal DiscoveryService DiscoveryService { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    /// <summary>For lines about connected hosts and devices.</summary>
    internal LogLimiter Limiter { get; }

    /// <summary>For lines about refused hosts, who need nothing but an address to make them; they must not hide the other lines.</summary>
    internal LogLimiter RefusalLimiter { get; }

    /// <summary>For lines about hosts that come and go, each of which is in order.</summary>
    internal LogLimiter AssociationLimiter { get; }

    /// <summary>Logs commands that fail in a device.</summary>
    internal DeviceErrorLog DeviceErrors { get; }

    /// <summary>Makes a subsystem; hosts may connect at once.</summary>
    /// <exception cref="ArgumentException">The options are not sound, or the name is in use.</exception>
    public Subsystem AddSubsystem(SubsystemOptions options)
    {
        var added = new Subsystem(this, options, isDiscovery: false);
        lock (_gate)
        {
            if (Find(options.Nqn) is not null)
                throw new ArgumentException($"There is a subsystem {options.Nqn} already.", nameof(options));

            // In the order of their names: one that is removed and made anew stands where it stood, and hosts are told the same as before.
            int index = ~Array.BinarySearch(_subsystems, added, ByName);
            _subsystems = [.. _subsystems.AsSpan(0, index), added, .. _subsystems.AsSpan(index)];
            _byNqn[added.Nqn] = added;
        }
        DiscoveryChanged();
        return added;
    }

    /// <summary>Removes a subsystem and ends the associations of its hosts.</summary>
    /// <returns>A task that ends when no command uses its devices any more, so that they may be disposed; null when there is no such
    /// NVM subsystem.</returns>
    public Task? RemoveSubsystem(Nqn nqn)
    {
        Subsystem removed;
        lock (_gate)
        {
            int index = Array.FindIndex(_subsystems, each => each.Nqn.Equals(nqn));
            if (index < 0)
                return null;
            removed = _subsystems[index];
            _subsystems = [.. _subsystems.AsSpan(0, index), .. _subsystems.AsSpan(index + 1)];
            _byNqn.TryRemove(nqn, out _);
        }
        Task ended = removed.Remove();
        Statistics.Forget(nqn);
        DiscoveryChanged();
        return ended;
    }

    /// <summary>The connections that are open, those before their Connect too: a snapshot. From any thread.</summary>
    public IReadOnlyList<ControllerConnection> GetConnections()
    {
        lock (_gate)
            return [.. _queues.Select(queue => queue.Connection)];
    }

    /// <summary>Makes the queue pair above a fresh connection.</summary>
    public QueuePair CreateQueue(ControllerConnection connection)
    {
        var queue = new QueuePair(this, connection);
        lock (_gate)
        {
            // Later ones are refused at Connect; nobody waits for them.
            if (!_isStopping)
                _queues.Add(queue);
        }
        ConnectionOpened?.Invoke(connection);
        return queue;
    }

    /// <summary>Stops: new hosts are sent away, commands that have begun come to their end, then the connections are closed, the I/O
    /// queues of a controller before its admin queue.</summary>
    /// <param name="cancellationToken">When it is cancelled, what is still open is closed at once.</param>
    /// <returns>Ends when no queue is left, or, after cancellation, when all have been told to close.</returns>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (QueuePair queue in BeginStop())
            queue.PostStop();
        try
        {
            await _stopped.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            foreach (QueuePair queue in CopyQueues())
                queue.PostClose(CloseReason.ServerStopping);
        }
    }

    /// <summary>The subsystem of this name, or null. The discovery subsystem answers to the well-known name and to its own.</summary>
    internal Subsystem? Find(Nqn nqn)
    {
        if (_byNqn.TryGetValue(nqn, out Subsystem? subsystem))
            return subsystem;
        return nqn.Equals(Nqn.Discovery) || nqn.Equals(Discovery.Nqn) ? Discovery : null;
    }

    /// <summary>What the discovery log page tells of has changed.</summary>
    internal void DiscoveryChanged() => DiscoveryService.Changed();

    /// <summary>True for the first caller: the warning about hosts without a name is logged once.</summary>
    internal bool TryEnterUnnamedHost() => Interlocked.Exchange(ref _hasWarnedOfUnnamed, 1) == 0;

    /// <summary>A queue has ended for good.</summary>
    internal void Forget(QueuePair queue)
    {
        bool isLast;
        lock (_gate)
        {
            _queues.Remove(queue);
            isLast = _isStopping && _queues.Count == 0;
        }
        if (isLast)
            _stopped.TrySetResult();
    }

    private QueuePair[] BeginStop()
    {
        lock (_gate)
        {
            _isStopping = true;
            if (_queues.Count == 0)
                _stopped.TrySetResult();
            return [.. _queues];
        }
    }

    private QueuePair[] CopyQueues()
    {
        lock (_gate)
            return [.. _queues];
    }
}
