using ManagedNvmet.Configuration;
using ManagedNvmet.Target;

namespace ManagedNvmet.Running;

/// <summary>One change of the running configuration. Everything that can fail is done first, and can be taken back.</summary>
internal sealed class TargetChange
{
    // A device that does not finish its commands by then does not let its disk be opened again.
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(30);

    private readonly RunningTarget running;
    private readonly TargetConfiguration wanted;
    private readonly Dictionary<Nqn, HostConfiguration> oldHosts;
    private readonly Dictionary<Nqn, HostConfiguration> hosts;
    private readonly Dictionary<Nqn, SubsystemConfiguration> wantedSubsystems;
    private readonly HashSet<Nqn> changedHosts;

    // Namespaces that will be there, with their devices where these could be opened at once.
    private readonly Dictionary<(Nqn Subsystem, uint Id), RunningNamespace> fresh = [];

    // Namespaces whose disk is wanted under another name or in another way, and were taken away for that.
    private readonly List<RunningNamespace> released = [];

    // Ports as they were, and those of them that are closed already.
    private readonly List<RunningPort> leavingPorts = [];
    private readonly List<RunningPort> closedPorts = [];

    // Ports as they will be, and those of them that may have to wait for an address that is still in use.
    private readonly List<RunningPort> openedPorts = [];
    private readonly List<RunningPort> latePorts = [];

    /// <param name="running">What runs.</param>
    /// <param name="wanted">Checked, and in its normal order.</param>
    public TargetChange(RunningTarget running, TargetConfiguration wanted)
    {
        this.running = running;
        this.wanted = wanted;
        oldHosts = TargetMapping.HostsOf(running.Configuration);
        hosts = TargetMapping.HostsOf(wanted);
        wantedSubsystems = wanted.Subsystems.ToDictionary(subsystem => subsystem.Nqn);
        changedHosts = [.. oldHosts.Keys.Union(hosts.Keys).Where(nqn => !Equals(oldHosts.GetValueOrDefault(nqn), hosts.GetValueOrDefault(nqn)))];
    }

    /// <summary>Opens devices and takes addresses. I/O that the change does not concern goes on.</summary>
    /// <exception cref="Exception">One that <see cref="RunningTarget.IsExpected"/> names: something cannot be had.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        HashSet<string> leaving = [.. LeavingNamespaces().Select(each => each.Opened?.Key).OfType<string>()];
        var late = new List<RunningNamespace>();
        foreach (SubsystemConfiguration subsystem in wanted.Subsystems)
        {
            foreach (NamespaceConfiguration configured in subsystem.Namespaces)
            {
                cancellationToken.ThrowIfCancellationRequested();
                RunningNamespace? before = Find(subsystem.Nqn, configured.Id);
                if (before is not null && !IsLeaving(before))
                    continue;
                var added = new RunningNamespace(subsystem.Nqn, configured);
                fresh.Add((subsystem.Nqn, configured.Id), added);
                if (!configured.IsEnabled)
                    continue;
                if (leaving.Count != 0 && leaving.Contains(DeviceOpener.KeyOf(subsystem.Nqn, configured)))
                    late.Add(added);
                else if (running.TryOpen(added) is { } failure)
                    throw failure;
            }
        }
        OpenPorts();
        await ReleaseAsync(late, cancellationToken).ConfigureAwait(false);
        foreach (RunningNamespace added in late)
        {
            if (running.TryOpen(added) is { } failure)
                throw failure;
        }
        await MovePortsAsync().ConfigureAwait(false);
    }

    /// <summary>Takes back what was prepared.</summary>
    public async Task UndoAsync()
    {
        foreach (RunningNamespace added in fresh.Values)
        {
            if (added.Opened is { } opened)
                await running.Devices.CloseAsync(opened).ConfigureAwait(false);
        }
        foreach (RunningNamespace before in released)
        {
            // What does not come back at once is waited for, as after a start.
            if (running.TryOpen(before) is null)
                running.Subsystems[before.Subsystem].Served.AddNamespace(before.Served!);
        }
        foreach (RunningPort port in openedPorts)
        {
            await PortListeners.CloseAsync(port).ConfigureAwait(false);
            if (running.Ports.TryGetValue(port.Configured.Id, out RunningPort? present) && ReferenceEquals(present, port))
                running.Ports.Remove(port.Configured.Id);
        }
        foreach (RunningPort port in closedPorts)
        {
            running.TryBind(port);
            running.Ports[port.Configured.Id] = port;
        }
    }

    /// <summary>Carries the change out. Nothing of it can fail for a reason that lies outside of this program.</summary>
    public void Finish()
    {
        running.SetHosts(oldHosts, hosts);
        foreach (RunningSubsystem subsystem in running.Subsystems.Values.ToList())
        {
            if (!wantedSubsystems.ContainsKey(subsystem.Configured.Nqn))
                Remove(subsystem);
        }
        foreach (SubsystemConfiguration configured in wanted.Subsystems)
        {
            if (!running.Subsystems.TryGetValue(configured.Nqn, out RunningSubsystem? subsystem))
                Add(configured);
            else if (RunningSubsystem.NeedsAnotherSubsystem(subsystem.Configured, configured))
                Remake(subsystem, configured);
            else
                Change(subsystem, configured);
        }
        foreach (PortConfiguration configured in wanted.Ports)
        {
            RunningPort port = running.Ports[configured.Id];
            if (!port.Configured.Equals(configured))
                port.Configured = configured;
        }
    }

    private RunningNamespace? Find(Nqn subsystem, uint id) =>
        running.Subsystems.TryGetValue(subsystem, out RunningSubsystem? found) ? found.Namespaces.GetValueOrDefault(id) : null;

    private IEnumerable<RunningNamespace> LeavingNamespaces() =>
        running.Subsystems.Values.SelectMany(subsystem => subsystem.Namespaces.Values).Where(IsLeaving);

    // It goes, or it comes again with another device.
    private bool IsLeaving(RunningNamespace before)
    {
        NamespaceConfiguration? configured = wantedSubsystems.GetValueOrDefault(before.Subsystem)?.Namespaces
            .FirstOrDefault(each => each.Id == before.Configured.Id);
        return configured is null || configured.IsEnabled != before.Configured.IsEnabled
            || RunningNamespace.NeedsAnotherDevice(before.Configured, configured);
    }

    // Addresses that nobody holds are taken first: what cannot be had then disturbs no port that is there.
    private void OpenPorts()
    {
        Dictionary<ushort, PortConfiguration> byId = wanted.Ports.ToDictionary(port => port.Id);
        leavingPorts.AddRange(running.Ports.Values.Where(port => !byId.TryGetValue(port.Configured.Id, out PortConfiguration? kept)
            || RunningPort.NeedsAnotherListener(port.Configured, kept)));
        foreach (PortConfiguration configured in wanted.Ports)
        {
            if (running.Ports.TryGetValue(configured.Id, out RunningPort? present) && !leavingPorts.Contains(present))
                continue;
            var port = new RunningPort(configured);
            openedPorts.Add(port);
            if (leavingPorts.Exists(leaving => leaving.EndPoint?.Port == configured.ServiceId))
                latePorts.Add(port);
            else
                Bind(port);
        }
    }

    private async Task MovePortsAsync()
    {
        foreach (RunningPort port in leavingPorts)
        {
            await PortListeners.CloseAsync(port).ConfigureAwait(false);
            running.Ports.Remove(port.Configured.Id);
            closedPorts.Add(port);
        }
        foreach (RunningPort port in latePorts)
            Bind(port);
        foreach (RunningPort port in openedPorts)
            running.Ports.Add(port.Configured.Id, port);
    }

    private void Bind(RunningPort port)
    {
        if (running.TryBind(port) is Transport.Tcp.ListenException { CanHeal: false } failure)
            throw failure;
    }

    // The disks that are wanted otherwise are given back first.
    private async Task ReleaseAsync(List<RunningNamespace> late, CancellationToken cancellationToken)
    {
        HashSet<string> keys = [.. late.Select(each => DeviceOpener.KeyOf(each.Subsystem, each.Configured))];
        foreach (RunningNamespace before in LeavingNamespaces().Where(each => each.Opened is { } open && keys.Contains(open.Key)).ToList())
        {
            OpenDevice opened = before.Opened!;
            Subsystem served = running.Subsystems[before.Subsystem].Served;
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
                throw new ConfigurationException($"{before.Configured.Device} still works on commands; it cannot be opened anew.", exception);
            }
            await running.Devices.CloseAsync(opened).ConfigureAwait(false);
            before.Opened = null;
            released.Add(before);
        }
    }

    private void Remove(RunningSubsystem subsystem)
    {
        running.Subsystems.Remove(subsystem.Configured.Nqn);
        Task drained = running.Target.RemoveSubsystem(subsystem.Configured.Nqn) ?? Task.CompletedTask;
        foreach (RunningNamespace each in subsystem.Namespaces.Values)
        {
            if (each.Opened is { } opened)
                running.CloseInBackground(drained, opened);
        }
    }

    private void Add(SubsystemConfiguration configured)
    {
        var added = new RunningSubsystem(configured);
        foreach (NamespaceConfiguration each in configured.Namespaces)
            added.Namespaces.Add(each.Id, fresh[(configured.Nqn, each.Id)]);
        running.Subsystems.Add(configured.Nqn, added);
        running.AddToTarget(added, hosts);
    }

    private void Remake(RunningSubsystem subsystem, SubsystemConfiguration configured)
    {
        Task drained = running.Target.RemoveSubsystem(configured.Nqn) ?? Task.CompletedTask;
        foreach (RunningNamespace before in subsystem.Namespaces.Values.ToList())
        {
            if (!IsLeaving(before))
                continue;
            subsystem.Namespaces.Remove(before.Configured.Id);
            if (before.Opened is { } opened)
                running.CloseInBackground(drained, opened);
        }
        TakeOver(subsystem, configured);
        foreach (RunningNamespace each in subsystem.Namespaces.Values)
            Regroup(each);
        running.AddToTarget(subsystem, hosts);
    }

    private void Change(RunningSubsystem subsystem, SubsystemConfiguration configured)
    {
        foreach (RunningNamespace before in subsystem.Namespaces.Values.ToList())
        {
            if (!IsLeaving(before))
                continue;
            subsystem.Namespaces.Remove(before.Configured.Id);
            if (before.Opened is { } opened)
                running.CloseInBackground(subsystem.Served.RemoveNamespace(before.Configured.Id) ?? Task.CompletedTask, opened);
        }
        SubsystemConfiguration old = subsystem.Configured;
        Dictionary<uint, NamespaceConfiguration> oldNamespaces = old.Namespaces.ToDictionary(each => each.Id);
        List<RunningNamespace> added = TakeOver(subsystem, configured);

        // Who lost the right is gone before it could see what is new.
        if (IsAccessAnother(old, configured))
            subsystem.Served.SetAccess(TargetMapping.Access(configured, hosts));
        if (old.IsHidden != configured.IsHidden)
            subsystem.Served.SetHidden(configured.IsHidden);
        subsystem.Served.Limits = TargetMapping.Limits(configured);
        foreach (NamespaceConfiguration each in configured.Namespaces)
        {
            NamespaceConfiguration? before = oldNamespaces.GetValueOrDefault(each.Id);
            RunningTarget.SetRules(
                subsystem, before is null ? null : before with { QualityOfService = before.QualityOfService ?? old.QualityOfService }, each);
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

    // A number that is used again must not inherit masks and limits.
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
        return configured.AllowAnyHost ? changedHosts.Count != 0 : configured.AllowedHosts.Any(changedHosts.Contains);
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
            RunningNamespace ready = fresh[(configured.Nqn, each.Id)];
            subsystem.Namespaces.Add(each.Id, ready);
            added.Add(ready);
        }
        return added;
    }
}
