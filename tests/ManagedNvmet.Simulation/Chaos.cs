using ManagedNvmet.Simulation.Disks;
using ManagedNvmet.Simulation.Hosts;
using ManagedNvmet.Simulation.Kernel;
using ManagedNvmet.Simulation.Network;
using ManagedNvmet.Simulation.Targets;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.QualityOfService;

namespace ManagedNvmet.Simulation;

/// <summary>Injects faults and operator actions at random times.</summary>
internal sealed class Chaos(World world)
{
    private const long MaxDrain = 120 * EventLoop.Second;
    private readonly List<Task> _replacements = [];
    private readonly SeededRandom _random = world.Random;
    private readonly RunPlan _plan = world.Plan;

    public async Task RunAsync()
    {
        if (world.MovesConnections)
            world.Track(MoveConnectionsAsync(world.Loop.Now + _plan.ChaosMicroseconds));
        for (long end = world.Loop.Now + _plan.ChaosMicroseconds; world.Loop.Now < end;)
        {
            await world.Delay(_random.Skewed(1, _plan.FaultMicroseconds * 2));
            await HappenAsync();
        }
        await Task.WhenAll(_replacements);
        world.Target!.Subsystem.SetAccess(SubsystemAccess.AnyHost);
        Allow(null);
        foreach (SimulatedDisk disk in world.Disks)
        {
            world.Target.Subsystem.SetQualityOfService(disk.Id, null);
            Unmask(disk);
        }

        // Refusals may still be in transit to hosts that wait before they reconnect.
        world.Loop.After(20 * EventLoop.Second, () => world.RestrictsHosts = false);
        world.IsCalm = true;
        world.Trace.Add("it is calm");
    }

    private async Task HappenAsync()
    {
        switch (_random.Below(14))
        {
            case 0 when _plan.HasNetworkFaults && world.OpenLinks.Count > 0:
                _random.PickFrom(world.OpenLinks).Reset();
                break;
            case 1 when _plan.HasNetworkFaults && world.OpenLinks.Count > 0:
                _random.PickFrom(world.OpenLinks).FallSilent();
                break;
            case 2 when _plan.HasNetworkFaults:
                CorruptOne();
                break;
            case 3 when _plan.HasNetworkFaults:
                SilenceHost();
                break;
            case 4 when _plan.HasPauses:
                _random.PickFrom(world.Hosts).Thread.Pause(_random.Skewed(1000, 8_000_000));
                break;
            case 5 when _plan.HasPauses:
                _random.PickFrom(world.Target!.Threads).Pause(_random.Skewed(1000, 300_000));
                break;
            case 6 when _plan.HasPauses:
                _random.PickFrom(world.Disks).BeSlow(_random.Skewed(1000, 2_000_000));
                break;
            case 7 when _plan.HasCrashes && _random.OneIn(2):
                world.Crash();
                await RestartAsync();
                break;
            case 8 when _plan.HasCrashes && _random.OneIn(3):
                await StopAsync();
                await RestartAsync();
                break;
            case 9 when _plan.HasManagement:
                _replacements.Add(ReplaceAsync(_random.PickFrom(world.Disks)));
                world.Track(_replacements[^1]);
                break;
            case 10 when _plan.HasManagement:
                Grow(_random.PickFrom(world.Disks));
                break;
            case 11 when _plan.HasManagement:
                RestrictHosts();
                break;
            case 12 when _plan.HasManagement:
                Limit(_random.PickFrom(world.Disks));
                break;
            case 13 when _plan.HasManagement:
                Mask(_random.PickFrom(world.Disks), _random.PickFrom(world.Hosts));
                break;
            default:
                break;
        }
    }

    private async Task MoveConnectionsAsync(long end)
    {
        while (world.Loop.Now < end)
        {
            await world.Delay(_random.Skewed(1, 200_000));
            if (world.Target is not { } target || target.Open.ToArray() is not { Length: > 0 } open)
                continue;
            _random.PickFrom(open).Transport.Move(_random.PickFrom(target.Threads));
        }
    }

    private async Task RestartAsync()
    {
        await world.Delay(_random.Skewed(1000, 2_000_000));
        world.Target = new SimulatedTarget(world, _plan.Limits);
        foreach (SimulatedDisk disk in world.Disks)
            SetMask(disk, null, isHidden: false, isReadOnly: false);
        Allow(null);
        world.Trace.Add("the target starts");
    }

    /// <summary>Stops the target as an operator does: first gracefully, then without waiting for commands.</summary>
    private async Task StopAsync()
    {
        world.Trace.Add("the target stops");
        SimulatedTarget target = world.Target!;
        using var cancellation = new CancellationTokenSource();
        Task stopped = target.Target.StopAsync(cancellation.Token);
        long patience = world.Loop.Now + _random.Skewed(1, 10_000_000);
        for (long end = patience + MaxDrain; IsInUse(target);)
        {
            await world.Delay(EventLoop.Millisecond);
            if (world.Loop.Now >= patience && !cancellation.IsCancellationRequested)
            {
                cancellation.Cancel();
                world.Note(Situation.StopLostPatience);

                // The stop may continue on a thread of the thread pool. The simulation waits for it, so that runs stay deterministic.
                world.Require(stopped.Wait(TimeSpan.FromSeconds(30)), "A stop did not end when it was told not to wait.");
            }
            world.Require(world.Loop.Now < end, "The target did not stop.");
        }
        world.Require(stopped.Wait(TimeSpan.FromSeconds(30)), "A stop did not end when every connection had.");
        if (!cancellation.IsCancellationRequested)
            world.Note(Situation.StopEndedByItself);
        target.CheckAtRest();
        target.Crash();
        world.Target = null;
    }

    private bool IsInUse(SimulatedTarget target) =>
        target.Open.Any() || target.OutstandingCommands > 0 || world.Disks.Exists(static disk => disk.Outstanding > 0);

    /// <summary>Removes a namespace while hosts use it, and adds it again.</summary>
    private async Task ReplaceAsync(SimulatedDisk disk)
    {
        if (!disk.IsAttached)
            return;
        SimulatedTarget target = world.Target!;
        world.Trace.Add("namespace {0} goes", disk.Id);
        disk.IsAttached = false;
        Task drained = target.Subsystem.RemoveNamespace(disk.Id)!;
        disk.ChangedAt = world.Model.Tick();
        if (disk.Outstanding > 0)
            world.Note(Situation.NamespaceWentWhileInUse);
        for (long end = world.Loop.Now + MaxDrain; !drained.IsCompleted;)
        {
            await world.Delay(EventLoop.Millisecond);
            if (IsGone(target))
                return;
            world.Require(world.Loop.Now < end, $"Namespace {disk.Id} was never given up.");
        }
        disk.IsServed = false;
        world.Require(disk.Outstanding == 0, $"Namespace {disk.Id} was given up while its disk was at work.");
        await world.Delay(_random.Skewed(10, 1_000_000));
        if (IsGone(target))
            return;
        disk.IsServed = true;
        disk.IsAttached = true;
        target.Subsystem.AddNamespace(SimulatedTarget.Describe(disk));
        disk.ChangedAt = world.Model.Tick();
        world.Trace.Add("namespace {0} comes", disk.Id);
    }

    /// <summary>Returns true when the target has ended meanwhile. The next one starts with all namespaces.</summary>
    private bool IsGone(SimulatedTarget target)
    {
        if (!target.IsDead)
            return false;
        world.Note(Situation.CrashWhileNamespaceWent);
        return true;
    }

    private void Grow(SimulatedDisk disk)
    {
        disk.Grow(_random.Between(1, 8));
        world.Target!.Subsystem.NotifyNamespaceChanged(disk.Id);
        disk.ChangedAt = world.Model.Tick();
    }

    /// <summary>Sets or removes the rate limits of a namespace.</summary>
    private void Limit(SimulatedDisk disk)
    {
        QualityOfServiceLimits? limits = _random.Chance(30) ? null : new QualityOfServiceLimits
        {
            TotalIops = _random.Chance(50) ? _random.Between(5, 2000) : null,
            WriteIops = _random.Chance(30) ? _random.Between(5, 2000) : null,
            ReadBytesPerSecond = _random.Chance(30) ? _random.Between(4096, 4_000_000) : null,
            BurstSeconds = _random.Between(1, 500) / 1000.0,
        };
        if (_random.Chance(50))
            world.Target!.Subsystem.SetQualityOfService(disk.Id, limits);
        else
            world.Target!.Subsystem.SetQualityOfService(disk.Id, _random.PickFrom(world.Hosts).Name, limits);
        if (limits is not null)
            world.Note(Situation.NamespaceLimited);
    }

    /// <summary>Hides a namespace from one host, makes it read-only for this host, or restores full access.</summary>
    private void Mask(SimulatedDisk disk, SimulatedHost host)
    {
        if (!disk.IsAttached)
            return;
        if (_random.Chance(40))
        {
            Unmask(disk);
            return;
        }
        bool isHidden = _random.Chance(50);
        SetMask(disk, host, isHidden, !isHidden);
        Task inForce = world.Target!.Subsystem.SetNamespaceAccess(disk.Id, isHidden
            ? new NamespaceAccess { VisibleTo = [.. world.Hosts.Where(each => each != host).Select(static each => each.Name)] }
            : new NamespaceAccess { ReadOnlyFor = [host.Name] });
        world.Note(Situation.NamespaceMasked);
        _replacements.Add(CheckMaskAsync(world.Target, disk, host, inForce));
        world.Track(_replacements[^1]);
    }

    /// <summary>Restores the full access of all hosts to a disk.</summary>
    private void Unmask(SimulatedDisk disk)
    {
        world.Target!.Subsystem.SetNamespaceAccess(disk.Id, NamespaceAccess.Everybody);
        SetMask(disk, null, isHidden: false, isReadOnly: false);
    }

    private void SetMask(SimulatedDisk disk, SimulatedHost? masked, bool isHidden, bool isReadOnly)
    {
        foreach (SimulatedHost each in world.Hosts)
            disk.MaskOf(each.Name).Set(each == masked && isHidden, each == masked && isReadOnly, world.Model.Tick());
    }

    private async Task CheckMaskAsync(SimulatedTarget target, SimulatedDisk disk, SimulatedHost host, Task inForce)
    {
        HostMask mask = disk.MaskOf(host.Name);
        long since = mask.ChangedAt;
        for (long end = world.Loop.Now + MaxDrain; !inForce.IsCompleted;)
        {
            await world.Delay(EventLoop.Millisecond);
            if (target.IsDead)
                return;
            world.Require(world.Loop.Now < end, $"A mask of namespace {disk.Id} never came into force.");
        }
        if (mask.ChangedAt == since && !target.IsDead)
            disk.Enforce(host.Name);
    }

    private void RestrictHosts()
    {
        bool wasRestricted = world.RestrictsHosts;
        world.RestrictsHosts = true;
        Nqn? allowed = wasRestricted && _random.Chance(70) ? null : _random.PickFrom(world.Hosts).Name;
        world.Target!.Subsystem.SetAccess(allowed is null ? SubsystemAccess.AnyHost : SubsystemAccess.Of([allowed]));
        Allow(allowed);
        CheckAccess(allowed);
    }

    // Discovery lists the subsystem for hosts that may use it, and sends an event to hosts whose discovery log changes.
    private void Allow(Nqn? allowed)
    {
        foreach (SimulatedHost host in world.Hosts)
        {
            bool wasAllowed = world.AllowedHost is null || world.AllowedHost.Equals(host.Name);
            if (wasAllowed != (allowed is null || allowed.Equals(host.Name)))
                host.DiscoveryChangedAt = world.Model.Tick();
        }
        world.AllowedHost = allowed;
    }

    // A host that has lost its access must be disconnected within a second, whatever its connections and disks do.
    private void CheckAccess(Nqn? allowed)
    {
        SimulatedTarget target = world.Target!;
        world.Loop.After(EventLoop.Second, () =>
        {
            if (allowed is null || !allowed.Equals(world.AllowedHost) || target.IsDead || target != world.Target)
                return;
            foreach (Controller controller in target.Subsystem.Controllers)
            {
                world.Require(
                    controller.HostNqn.Equals(allowed) || controller.State is ControllerState.Closed or ControllerState.Failed,
                    $"{controller.HostNqn} may not use the subsystem any more, and has a controller that is {controller.State}.");
            }
        });
    }

    private void CorruptOne()
    {
        var candidates = new List<Link>();
        foreach (SimulatedHost host in world.Hosts)
        {
            if (host.Association is not { IsOver: false, Plan: { HeaderDigest: true, DataDigest: true } } association)
                continue;
            foreach (HostQueue queue in association.Queues)
            {
                if (queue.IsReady && !queue.IsOver)
                    candidates.Add(queue.Link);
            }
        }
        if (candidates.Count > 0)
            _random.PickFrom(candidates).Corrupt();
    }

    /// <summary>Makes all connections of a host silent at once, as if its network cable was unplugged.</summary>
    private void SilenceHost()
    {
        if (_random.PickFrom(world.Hosts).Association is not { } association)
            return;
        foreach (HostQueue queue in association.Queues)
            queue.Link.FallSilent();
    }
}
