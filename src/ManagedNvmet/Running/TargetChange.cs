using ManagedNvmet.Configuration;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Subsystems;

namespace ManagedNvmet.Running;

/// <summary>One change of the running configuration. Everything that can fail is done first and can be undone.</summary>
internal sealed class TargetChange
{
    // How long a change waits for the commands of a device before its disk is opened again.
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(30);

    private readonly RunningTarget _running;
    private readonly TargetConfiguration _wanted;
    private readonly Dictionary<Nqn, HostConfiguration> _oldHosts;
    private readonly Dictionary<Nqn, HostConfiguration> _hosts;
    private readonly Dictionary<Nqn, SubsystemConfiguration> _wantedSubsystems;
    private readonly HashSet<Nqn> _changedHosts;

    // Namespaces that will be there, with their devices where these could be opened at once.
    private readonly Dictionary<(Nqn Subsystem, uint Id), RunningNamespace> _fresh = [];

    // Namespaces whose disk is wanted under another name or in another way, and were taken away for that.
    private readonly List<RunningNamespace> _released = [];

    // Ports as they were, and those of them that are closed already.
    private readonly List<RunningPort> _leavingPorts = [];
    private readonly List<RunningPort> _closedPorts = [];

    // Ports as they will be, and those of them that may have to wait for an address that is still in use.
    private readonly List<RunningPort> _openedPorts = [];
    private readonly List<RunningPort> _latePorts = [];

    /// <param name="running">What runs.</param>
    /// <param name="wanted">Checked, and in its normal order.</param>
    public TargetChange(RunningTarget running, TargetConfiguration wanted)
    {
        _running = running;
        _wanted = wanted;
        _oldHosts = TargetMapping.HostsOf(running.Configuration);
        _hosts = TargetMapping.HostsOf(wanted);
        _wantedSubsystems = wanted.Subsystems.ToDictionary(subsystem => subsystem.Nqn);
        _changedHosts =
            [.. _oldHosts.Keys.Union(_hosts.Keys).Where(nqn => !Equals(_oldHosts.GetValueOrDefault(nqn), _hosts.GetValueOrDefault(nqn)))];
    }

    /// <summary>Opens devices and listens on addresses. I/O that the change does not concern continues.</summary>
    /// <exception cref="Exception">One that <see cref="RunningTarget.IsExpected"/> names: something cannot be had.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        HashSet<string> leaving = [.. LeavingNamespaces().Select(each => each.Opened?.Key).OfType<string>()];
        var late = new List<RunningNamespace>();
        foreach (SubsystemConfiguration subsystem in _wanted.Subsystems)
        {
            foreach (NamespaceConfiguration configured in subsystem.Namespaces)
            {
                cancellationToken.ThrowIfCancellationRequested();
                RunningNamespace? before = Find(subsystem.Nqn, configured.Id);
                if (before is not null && !IsLeaving(before))
                    continue;
                var added = new RunningNamespace(subsystem.Nqn, configured);
                _fresh.Add((subsystem.Nqn, configured.Id), added);
                if (!configured.IsEnabled)
                    continue;
                if (leaving.Count != 0 && _running.Devices.KeyOf(subsystem.Nqn, configured) is { } key && leaving.Contains(key))
                    late.Add(added);
                else if (_running.TryOpen(added) is { } failure)
                    throw failure;
            }
        }
        OpenPorts();
        await ReleaseAsync(late, cancellationToken).ConfigureAwait(false);
        foreach (RunningNamespace added in late)
        {
            if (_running.TryOpen(added) is { } failure)
                throw failure;
        }
        await MovePortsAsync().ConfigureAwait(false);
    }

    /// <summary>Undoes the preparation.</summary>
    public async Task UndoAsync()
    {
        foreach (RunningNamespace added in _fresh.Values)
        {
            if (added.Opened is { } opened)
                await _running.Devices.CloseAsync(opened).ConfigureAwait(false);
        }
        foreach (RunningNamespace before in _released)
        {
            // A device that cannot be opened again is retried later, as after a start.
            if (_running.TryOpen(before, savesIdentity: true) is null)
                _running.Subsystems[before.Subsystem].Served.AddNamespace(before.Served!);
        }
        foreach (RunningPort port in _openedPorts)
        {
            await PortListeners.CloseAsync(port).ConfigureAwait(false);
            if (_running.Ports.TryGetValue(port.Configured.Id, out RunningPort? present) && ReferenceEquals(present, port))
                _running.Ports.Remove(port.Configured.Id);
        }
        foreach (RunningPort port in _closedPorts)
        {
            _running.TryBind(port);
            _running.Ports[port.Configured.Id] = port;
        }
    }

    /// <summary>Applies the prepared change. It cannot fail for an external reason.</summary>
    public void Finish()
    {
        _running.SetHosts(_oldHosts, _hosts);
        foreach (RunningSubsystem subsystem in _running.Subsystems.Values.ToList())
        {
            if (!_wantedSubsystems.ContainsKey(subsystem.Configured.Nqn))
                Remove(subsystem);
        }
        foreach (SubsystemConfiguration configured in _wanted.Subsystems)
        {
            if (!_running.Subsystems.TryGetValue(configured.Nqn, out RunningSubsystem? subsystem))
                Add(configured);
            else if (subsystem.NeedsAnotherSubsystem(configured))
                Remake(subsystem, configured);
            else
                Change(subsystem, configured);
        }
        foreach (PortConfiguration configured in _wanted.Ports)
        {
            RunningPort port = _running.Ports[configured.Id];
            if (!port.Configured.Equals(configured))
                port.Configured = configured;
        }
    }

    private RunningNamespace? Find(Nqn subsystem, uint id) =>
        _running.Subsystems.TryGetValue(subsystem, out RunningSubsystem? found) ? found.Namespaces.GetValueOrDefault(id) : null;

    private IEnumerable<RunningNamespace> LeavingNamespaces() =>
        _running.Subsystems.Values.SelectMany(subsystem => subsystem.Namespaces.Values).Where(IsLeaving);

    // True for a namespace that is removed, or whose device is opened again.
    private bool IsLeaving(RunningNamespace before)
    {
        NamespaceConfiguration? configured = _wantedSubsystems.GetValueOrDefault(before.Subsystem)?.Namespaces
            .FirstOrDefault(each => each.Id == before.Configured.Id);
        return configured is null || configured.IsEnabled != before.Configured.IsEnabled
            || before.NeedsAnotherDevice(configured);
    }

    // Free addresses are bound first, so that a failure disturbs no existing port.
    private void OpenPorts()
    {
        Dictionary<ushort, PortConfiguration> byId = _wanted.Ports.ToDictionary(port => port.Id);
        _leavingPorts.AddRange(_running.Ports.Values.Where(port => !byId.TryGetValue(port.Configured.Id, out PortConfiguration? kept)
            || port.NeedsAnotherListener(kept)));
        foreach (PortConfiguration configured in _wanted.Ports)
        {
            if (_running.Ports.TryGetValue(configured.Id, out RunningPort? present) && !_leavingPorts.Contains(present))
                continue;
            var port = new RunningPort(configured);
            _openedPorts.Add(port);
            if (_leavingPorts.Exists(leaving => leaving.EndPoint?.Port == configured.ServiceId))
                _latePorts.Add(port);
            else
                Bind(port);
        }
    }

    private async Task MovePortsAsync()
    {
        foreach (RunningPort port in _leavingPorts)
        {
            await PortListeners.CloseAsync(port).ConfigureAwait(false);
            _running.Ports.Remove(port.Configured.Id);
            _closedPorts.Add(port);
        }
        foreach (RunningPort port in _latePorts)
            Bind(port);
        foreach (RunningPort port in _openedPorts)
            _running.Ports.Add(port.Configured.Id, port);
    }

    private void Bind(RunningPort port)
    {
        if (_running.TryBind(port) is Transport.Tcp.ListenException { CanHeal: false } failure)
            throw failure;
    }

    // Disks that are opened again in another way are closed first.
    private async Task ReleaseAsync(List<RunningNamespace> late, CancellationToken cancellationToken)
    {
        HashSet<string> keys = [.. late.Select(each => _running.Devices.KeyOf(each.Subsystem, each.Configured)).OfType<string>()];
        foreach (RunningNamespace before in LeavingNamespaces().Where(each => each.Opened is { } open && keys.Contains(open.Key)).ToList())
        {
            OpenDevice opened = before.Opened!;
            Subsystem served = _running.Subsystems[before.Subsystem].Served;
            Namespace was = before.Served!;
            Task drained = served.RemoveNamespace(before.Configured.Id) ?? Task.CompletedTask;
            before.Served = null;
            try
            {
                await drained.WaitAsync(DrainTimeout, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
            {
                before.Served = was;
                served.AddNamespace(was);
                if (exception is OperationCanceledException)
                    throw;
                throw new ConfigurationException(
                    $"{before.Configured.Device} still works on commands; it cannot be opened anew.", exception);
            }
            await _running.Devices.CloseAsync(opened).ConfigureAwait(false);
            before.Opened = null;
            _released.Add(before);
        }
    }

    private void Remove(RunningSubsystem subsystem)
    {
        _running.Subsystems.Remove(subsystem.Configured.Nqn);
        Task drained = _running.Target.RemoveSubsystem(subsystem.Configured.Nqn) ?? Task.CompletedTask;
        foreach (RunningNamespace each in subsystem.Namespaces.Values)
        {
            if (each.Opened is { } opened)
                _running.CloseInBackground(drained, opened);
        }
    }

    private void Add(SubsystemConfiguration configured)
    {
        var added = new RunningSubsystem(configured);
        foreach (NamespaceConfiguration each in configured.Namespaces)
            added.Namespaces.Add(each.Id, _fresh[(configured.Nqn, each.Id)]);
        _running.Subsystems.Add(configured.Nqn, added);
        _running.AddToTarget(added, _hosts);
    }

    private void Remake(RunningSubsystem subsystem, SubsystemConfiguration configured)
    {
        Task drained = _running.Target.RemoveSubsystem(configured.Nqn) ?? Task.CompletedTask;
        foreach (RunningNamespace before in subsystem.Namespaces.Values.ToList())
        {
            if (!IsLeaving(before))
                continue;
            subsystem.Namespaces.Remove(before.Configured.Id);
            if (before.Opened is { } opened)
                _running.CloseInBackground(drained, opened);
        }
        TakeOver(subsystem, configured);
        foreach (RunningNamespace each in subsystem.Namespaces.Values)
            Regroup(each);
        _running.AddToTarget(subsystem, _hosts);
    }

    private void Change(RunningSubsystem subsystem, SubsystemConfiguration configured)
    {
        foreach (RunningNamespace before in subsystem.Namespaces.Values.ToList())
        {
            if (!IsLeaving(before))
                continue;
            subsystem.Namespaces.Remove(before.Configured.Id);
            if (before.Opened is { } opened)
                _running.CloseInBackground(subsystem.Served.RemoveNamespace(before.Configured.Id) ?? Task.CompletedTask, opened);
        }
        SubsystemConfiguration old = subsystem.Configured;
        Dictionary<uint, NamespaceConfiguration> oldNamespaces = old.Namespaces.ToDictionary(each => each.Id);
        List<RunningNamespace> added = TakeOver(subsystem, configured);

        // Hosts that lost access are disconnected before they could see new namespaces.
        if (IsAccessAnother(old, configured))
            subsystem.Served.SetAccess(TargetMapping.Access(configured, _hosts));
        if (old.IsHidden != configured.IsHidden)
            subsystem.Served.SetHidden(configured.IsHidden);
        subsystem.Served.Limits = TargetMapping.Limits(configured);
        foreach (NamespaceConfiguration each in configured.Namespaces)
        {
            NamespaceConfiguration? before = oldNamespaces.GetValueOrDefault(each.Id);
            RunningTarget.SetRules(
                subsystem,
                before is null ? null : before with { QualityOfService = before.QualityOfService ?? old.QualityOfService },
                each);
            if (Regroup(subsystem.Namespaces[each.Id]) is { } regrouped && subsystem.Served.Find(each.Id) is not null)
                subsystem.Served.ReplaceNamespace(regrouped);
        }
        foreach (NamespaceConfiguration gone in old.Namespaces)
        {
            if (!subsystem.Namespaces.ContainsKey(gone.Id))
                Forget(subsystem, gone, old);
        }
        if (added.Exists(each => each.Served is not null))
            subsystem.Served.AddNamespaces([.. added.Select(each => each.Served).OfType<Namespace>()]);
    }

    // A later namespace with the same number must not inherit access rules and limits.
    private static void Forget(RunningSubsystem subsystem, NamespaceConfiguration gone, SubsystemConfiguration old)
    {
        Subsystem served = subsystem.Served;
        if (gone.VisibleTo is not null || gone.ReadOnlyFor.Count != 0)
            _ = served.SetNamespaceAccess(gone.Id, Target.Access.NamespaceAccess.Everybody);
        if ((gone.QualityOfService ?? old.QualityOfService) is not null)
            served.SetQualityOfService(gone.Id, null);
        foreach (HostQualityOfServiceConfiguration each in gone.HostQualityOfService)
            served.SetQualityOfService(gone.Id, each.Nqn, null);
    }

    // The same namespace in another ANA group; null when it is in the right one, or has no device.
    private static Namespace? Regroup(RunningNamespace each)
    {
        if (each.Served is not { } old || old.AnaGroup == each.Configured.AnaGroup)
            return null;
        return each.Served = new Namespace(old.Id, old.Device, old.Identity) { AnaGroup = each.Configured.AnaGroup };
    }

    private bool IsAccessAnother(SubsystemConfiguration old, SubsystemConfiguration configured)
    {
        if (old.AllowAnyHost != configured.AllowAnyHost || old.DuplicateHosts != configured.DuplicateHosts
            || !old.AllowedHosts.Equals(configured.AllowedHosts))
        {
            return true;
        }
        return configured.AllowAnyHost ? _changedHosts.Count != 0 : configured.AllowedHosts.Any(_changedHosts.Contains);
    }

    private List<RunningNamespace> TakeOver(RunningSubsystem subsystem, SubsystemConfiguration configured)
    {
        var added = new List<RunningNamespace>();
        subsystem.Configured = configured;
        foreach (NamespaceConfiguration each in configured.Namespaces)
        {
            if (subsystem.Namespaces.TryGetValue(each.Id, out RunningNamespace? kept))
            {
                kept.Configured = each;
                continue;
            }
            RunningNamespace ready = _fresh[(configured.Nqn, each.Id)];
            subsystem.Namespaces.Add(each.Id, ready);
            added.Add(ready);
        }
        return added;
    }
}
