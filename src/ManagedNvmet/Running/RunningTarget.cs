using ManagedNvmet.Backends;
using ManagedNvmet.Configuration;
using ManagedNvmet.Target;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Subsystems;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Running;

/// <summary>The running objects of a configuration: subsystems, namespaces with their devices, and listeners.</summary>
/// <remarks>Not thread-safe: changes come one after another. The lists that others read are replaced as a whole.</remarks>
internal sealed partial class RunningTarget(NvmeTarget target, DeviceOpener devices, PortListeners listeners, ILogger logger)
{
    private readonly List<Task> _closing = [];

    private List<Port> _lastAnnounced = [];

    // Includes listeners that no longer accept and still have connections.
    private volatile ITransportListener[] _listenersInUse = [];

    /// <summary>The configuration that is in force.</summary>
    public TargetConfiguration Configuration { get; private set; } = TargetConfiguration.Empty;

    /// <summary>By their names.</summary>
    public Dictionary<Nqn, RunningSubsystem> Subsystems { get; } = [];

    /// <summary>By their numbers.</summary>
    public SortedDictionary<ushort, RunningPort> Ports { get; } = [];

    /// <summary>A snapshot of what is served, and why the rest is not.</summary>
    public RunningStatus Status { get; private set; } = RunningStatus.Empty;

    /// <summary>Called when <see cref="Status"/> has been replaced.</summary>
    public Action? StatusChanged { get; init; }

    /// <summary>What carries the configuration.</summary>
    public NvmeTarget Target => target;

    /// <summary>Opens devices.</summary>
    public DeviceOpener Devices => devices;

    /// <summary>Connections at the moment, through all ports.</summary>
    public int ConnectionCount => _listenersInUse.Sum(listener => listener.ConnectionCount);

    /// <summary>Something should be served and is not yet.</summary>
    public bool IsWaiting => Ports.Values.Any(port => port.IsWaiting)
        || Subsystems.Values.Any(subsystem => subsystem.Namespaces.Values.Any(each => each.IsWaiting));

    /// <summary>Carries out a first configuration: devices, subsystems and, last of all, listeners.</summary>
    /// <param name="configuration">Checked, and in its normal order.</param>
    /// <param name="isStrict">What is not there is an error, and not waited for.</param>
    /// <param name="cancellationToken">Ends the start between two devices.</param>
    public void Start(TargetConfiguration configuration, bool isStrict, CancellationToken cancellationToken)
    {
        devices.Prepare(configuration);
        using IDisposable batch = target.BatchChanges();
        Dictionary<Nqn, HostConfiguration> hosts = TargetMapping.HostsOf(configuration);
        SetHosts(new Dictionary<Nqn, HostConfiguration>(), hosts);
        foreach (SubsystemConfiguration configured in configuration.Subsystems)
        {
            var subsystem = new RunningSubsystem(configured);
            Subsystems.Add(configured.Nqn, subsystem);
            foreach (NamespaceConfiguration each in configured.Namespaces)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var added = new RunningNamespace(configured.Nqn, each);
                subsystem.Namespaces.Add(each.Id, added);
                if (!each.IsEnabled || TryOpen(added) is not { } failure)
                    continue;
                if (isStrict)
                    throw failure;
                LogWaiting(logger, added.Configured.Id, added.Subsystem, added.Reason!);
            }
            AddToTarget(subsystem, hosts);
        }
        cancellationToken.ThrowIfCancellationRequested();
        devices.SaveIdentities();
        foreach (PortConfiguration configured in configuration.Ports)
        {
            var port = new RunningPort(configured);
            Ports.Add(configured.Id, port);
            if (TryBind(port) is not { } failure)
                continue;
            if (isStrict)
                throw failure;
            LogPortWaiting(logger, configured.Id, port.Reason!);
        }
        Configuration = configuration;
        Announce();
    }

    /// <summary>Replaces the configuration as a whole or not at all.</summary>
    /// <param name="wanted">Checked, and in its normal order.</param>
    /// <param name="persist">Called when nothing can go wrong any more but itself.</param>
    /// <param name="cancellationToken">Ends the preparation.</param>
    /// <exception cref="ConfigurationException">It cannot be carried out, and the old one runs on; the message says why.</exception>
    public async Task ChangeAsync(TargetConfiguration wanted, Action persist, CancellationToken cancellationToken)
    {
        var change = new TargetChange(this, wanted);
        try
        {
            devices.Prepare(wanted);
            await change.PrepareAsync(cancellationToken).ConfigureAwait(false);
            devices.SaveIdentities();
            persist();
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            await change.UndoAsync().ConfigureAwait(false);
            Announce();
            throw new ConfigurationException(exception.Message, exception);
        }
        catch
        {
            await change.UndoAsync().ConfigureAwait(false);
            Announce();
            throw;
        }
        using (target.BatchChanges())
        {
            // While a subsystem is created again, its hosts get a status that lets them retry.
            target.IsLoading = true;
            try
            {
                change.Finish();
            }
            finally
            {
                target.IsLoading = false;
            }
            Configuration = wanted;
            Announce();
        }
    }

    /// <summary>Tries again to open devices and to listen on addresses that were not available.</summary>
    /// <returns>True when something came.</returns>
    public bool Heal()
    {
        bool isBetter = false;
        foreach (RunningSubsystem subsystem in Subsystems.Values)
        {
            foreach (RunningNamespace each in subsystem.Namespaces.Values)
            {
                if (!each.IsWaiting || devices.IsMissing(each.Configured))
                    continue;
                string? before = each.Reason;
                if (TryOpen(each, savesIdentity: true) is null)
                {
                    subsystem.Served.AddNamespace(each.Served!);
                    LogCame(logger, each.Configured.Id, each.Subsystem, each.Configured.Device);
                    isBetter = true;
                }
                else if (each.Reason != before)
                {
                    LogWaiting(logger, each.Configured.Id, each.Subsystem, each.Reason!);
                    isBetter = true;
                }
            }
        }
        foreach (RunningPort port in Ports.Values)
        {
            if (!port.IsWaiting)
                continue;
            string? before = port.Reason;
            if (TryBind(port) is null)
            {
                LogPortCame(logger, port.Configured.Id, port.EndPoint!);
                isBetter = true;
            }
            else if (port.Reason != before)
            {
                LogPortWaiting(logger, port.Configured.Id, port.Reason!);
                isBetter = true;
            }
        }
        if (isBetter)
            Announce();
        return isBetter;
    }

    /// <summary>Checks the sizes of the disks and notifies hosts of changes. I/O continues.</summary>
    public void RefreshSizes()
    {
        bool isAnother = false;
        foreach (RunningSubsystem subsystem in Subsystems.Values)
        {
            foreach (RunningNamespace each in subsystem.Namespaces.Values)
                isAnother |= RefreshSize(subsystem, each);
        }
        if (isAnother)
            Status = RunningStatus.Of(this);
    }

    /// <summary>Closes the listeners, so that no host comes any more.</summary>
    public async Task StopAcceptingAsync()
    {
        foreach (RunningPort port in Ports.Values)
            await PortListeners.CloseAsync(port).ConfigureAwait(false);
    }

    /// <summary>Waits until every socket is closed. Hosts that have not closed their side get the time of the lingering close.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_listenersInUse.Select(listener => listener.DrainAsync(cancellationToken))).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // They end with the process.
        }
    }

    /// <summary>Closes the devices; no host uses them any more.</summary>
    public async Task CloseDevicesAsync()
    {
        await Task.WhenAll(_closing).ConfigureAwait(false);
        foreach (RunningNamespace each in Subsystems.Values.SelectMany(subsystem => subsystem.Namespaces.Values))
        {
            if (each.Opened is { } opened)
                await devices.CloseAsync(opened).ConfigureAwait(false);
            each.Opened = null;
        }
    }

    /// <summary>Opens the device of a namespace that has none.</summary>
    /// <param name="wanted">The namespace.</param>
    /// <param name="savesIdentity">True when the identity is made durable at once, and not together with others by the caller.</param>
    /// <returns>What went wrong, or null.</returns>
    internal Exception? TryOpen(RunningNamespace wanted, bool savesIdentity = false)
    {
        OpenDevice? opened = null;
        try
        {
            opened = devices.Open(wanted.Subsystem, wanted.Configured);
            if (savesIdentity)
                devices.SaveIdentities();
            wanted.Served = new Namespace(wanted.Configured.Id, opened.Device, opened.Identity) { AnaGroup = wanted.Configured.AnaGroup };
            wanted.Opened = opened;
            wanted.Reason = null;
            return null;
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            if (opened is not null)
                CloseInBackground(Task.CompletedTask, opened);
            wanted.Reason = Sentences.Of(exception);
            return exception;
        }
    }

    /// <summary>Binds the address of a port that is not bound.</summary>
    /// <returns>What went wrong, or null.</returns>
    internal Exception? TryBind(RunningPort port)
    {
        try
        {
            listeners.Bind(port);
            return null;
        }
        catch (IOException exception)
        {
            port.Reason = exception.Message;
            return exception;
        }
    }

    /// <summary>Makes the target serve a subsystem with the namespaces that there are.</summary>
    internal void AddToTarget(RunningSubsystem subsystem, IReadOnlyDictionary<Nqn, HostConfiguration> hosts)
    {
        subsystem.Served = target.AddSubsystem(
            TargetMapping.Options(subsystem.Configured, devices.SerialNumberOf(subsystem.Configured), hosts));

        // Access rules and limits come first, so that no host sees a namespace that it must not see.
        foreach (RunningNamespace each in subsystem.Namespaces.Values)
            SetRules(subsystem, before: null, each.Configured);
        subsystem.Served.AddNamespaces([.. subsystem.Namespaces.Values.Select(each => each.Served).OfType<Namespace>()]);
    }

    /// <summary>Sets the changed access rules and rates of a namespace in the target.</summary>
    /// <param name="subsystem">With its new configuration.</param>
    /// <param name="before">What was in force, with the limits of its subsystem in place of those it lacked; null for nothing.</param>
    /// <param name="wanted">What is to be in force.</param>
    internal static void SetRules(RunningSubsystem subsystem, NamespaceConfiguration? before, NamespaceConfiguration wanted)
    {
        Subsystem served = subsystem.Served;
        uint id = wanted.Id;
        bool isMasked = wanted.VisibleTo is not null || wanted.ReadOnlyFor.Count != 0;
        bool wasMasked = before is not null && (before.VisibleTo is not null || before.ReadOnlyFor.Count != 0);
        bool isSame = before is not null && Equals(before.VisibleTo, wanted.VisibleTo) && before.ReadOnlyFor.Equals(wanted.ReadOnlyFor);
        if ((isMasked || wasMasked) && !isSame)
            _ = served.SetNamespaceAccess(id, TargetMapping.Access(wanted));
        QualityOfServiceConfiguration? limits = wanted.QualityOfService ?? subsystem.Configured.QualityOfService;
        if (limits != before?.QualityOfService)
            served.SetQualityOfService(id, limits?.ToLimits());
        foreach (HostQualityOfServiceConfiguration old in before?.HostQualityOfService ?? [])
        {
            if (!wanted.HostQualityOfService.Any(each => each.Nqn.Equals(old.Nqn)))
                served.SetQualityOfService(id, old.Nqn, null);
        }
        foreach (HostQualityOfServiceConfiguration each in wanted.HostQualityOfService)
        {
            if (before is null || !before.HostQualityOfService.Contains(each))
                served.SetQualityOfService(id, each.Nqn, each.Limits.ToLimits());
        }
    }

    /// <summary>Sets the changed limits and rates of hosts in the target.</summary>
    internal void SetHosts(IReadOnlyDictionary<Nqn, HostConfiguration> before, IReadOnlyDictionary<Nqn, HostConfiguration> wanted)
    {
        foreach (Nqn nqn in before.Keys.Union(wanted.Keys))
        {
            HostConfiguration? old = before.GetValueOrDefault(nqn);
            HostConfiguration? host = wanted.GetValueOrDefault(nqn);
            if (old?.MaxControllers != host?.MaxControllers || old?.MaxQueues != host?.MaxQueues)
                target.SetHostLimits(nqn, TargetMapping.Limits(host, target.Limits.Host));
            if (old?.QualityOfService != host?.QualityOfService)
                target.SetQualityOfService(nqn, host?.QualityOfService?.ToLimits());
        }
    }

    /// <summary>Closes a device as soon as nobody uses it; a device that hangs holds up nothing else.</summary>
    internal void CloseInBackground(Task drained, OpenDevice opened)
    {
        _closing.RemoveAll(task => task.IsCompletedSuccessfully);
        _closing.Add(CloseAsync(drained, opened));
    }

    internal static bool IsExpected(Exception exception) => exception is BackendException or ConfigurationException or IOException
        or UnauthorizedAccessException or ArgumentException or NotSupportedException or OutOfMemoryException;

    private bool RefreshSize(RunningSubsystem subsystem, RunningNamespace each)
    {
        if (each.Served is not { } old)
            return false;
        each.Opened?.Kind?.Refresh(old.Device);

        // A device of the program's own says by itself how large it is.
        BlockDeviceProperties now = old.Device.Properties;
        if ((now.BlockCount == old.Properties.BlockCount && now.IsReadOnly == old.Properties.IsReadOnly) || now.Validate() is not null)
            return false;
        each.Served = new Namespace(old.Id, old.Device, old.Identity) { AnaGroup = old.AnaGroup };
        subsystem.Served.ReplaceNamespace(each.Served);
        if (now.IsReadOnly != old.Properties.IsReadOnly)
            LogWriteProtection(logger, old.Id, each.Subsystem, each.Configured.Device, now.IsReadOnly ? "read-only" : "writable");
        if (now.BlockCount > old.Properties.BlockCount)
            LogGrown(logger, old.Id, each.Subsystem, each.Configured.Device, old.Properties.SizeBytes, now.SizeBytes);
        else if (now.BlockCount < old.Properties.BlockCount)
            LogShrunk(logger, old.Id, each.Subsystem, each.Configured.Device, old.Properties.SizeBytes, now.SizeBytes);
        return true;
    }

    private async Task CloseAsync(Task drained, OpenDevice opened)
    {
        try
        {
            await drained.ConfigureAwait(false);
            await devices.CloseAsync(opened).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            LogCloseFailed(logger, exception.Message);
        }
    }

    // The target knows the ports before their listeners accept connections.
    private void Announce()
    {
        List<Port> announced = [];
        ushort free = ushort.MaxValue - 1;
        foreach (RunningPort port in Ports.Values)
        {
            if (port.EndPoint is not { } endPoint)
                continue;

            // The kernel's target may have a port 0, which no discovery log entry can have.
            while (Ports.ContainsKey(free))
                free--;
            announced.Add(port.Announce(endPoint, port.Configured.Id == 0 ? free : port.Configured.Id));
        }
        if (announced.Count == 0)
            announced.Add(TargetMapping.Nowhere);
        if (!announced.SequenceEqual(_lastAnnounced, ReferenceEqualityComparer.Instance))
        {
            _lastAnnounced = announced;
            target.SetPorts(announced);
        }
        foreach (RunningPort port in Ports.Values)
            PortListeners.Start(port);
        ITransportListener[] open = [.. Ports.Values.Select(port => port.Listener).OfType<ITransportListener>()];
        _listenersInUse = [.. open.Union(_listenersInUse.Where(listener => listener.ConnectionCount > 0))];
        Status = RunningStatus.Of(this);
        StatusChanged?.Invoke();
    }
}
