using ManagedNvmet.Simulation.Disks;
using ManagedNvmet.Simulation.Hosts;
using ManagedNvmet.Simulation.Kernel;
using ManagedNvmet.Simulation.Network;
using ManagedNvmet.Simulation.Targets;
using ManagedNvmet.Target;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.QualityOfService;

namespace ManagedNvmet.Simulation;

/// <summary>What goes wrong, and what operators do meanwhile.</summary>
internal sealed class Chaos(World world)
{
    private const long MaxDrain = 120 * EventLoop.Second;
    private readonly List<Task> replacements = [];
    private readonly SeededRandom random = world.Random;
    private readonly RunPlan plan = world.Plan;

    public async Task RunAsync()
    {
        if (world.MovesConnections)
            world.Track(MoveConnectionsAsync(world.Loop.Now + plan.ChaosMicroseconds));
        for (long end = world.Loop.Now + plan.ChaosMicroseconds; world.Loop.Now < end;)
        {
            await world.Delay(random.Skewed(1, plan.FaultMicroseconds * 2));
            await HappenAsync();
        }
        await Task.WhenAll(replacements);
        world.Target!.Subsystem.SetAccess(SubsystemAccess.AnyHost);
        Allow(null);
        foreach (SimulatedDisk disk in world.Disks)
        {
            world.Target.Subsystem.SetQualityOfService(disk.Id, null);
            Unmask(disk);
        }

        // Refusals may be on their way still, to hosts that sleep.
        world.Loop.After(20 * EventLoop.Second, () => world.RestrictsHosts = false);
        world.IsCalm = true;
        world.Trace.Add("it is calm");
    }

    private async Task HappenAsync()
    {
        switch (random.Below(14))
        {
            case 0 when plan.HasNetworkFaults && world.OpenLinks.Count > 0:
                random.PickFrom(world.OpenLinks).Reset();
                break;
            case 1 when plan.HasNetworkFaults && world.OpenLinks.Count > 0:
                random.PickFrom(world.OpenLinks).FallSilent();
                break;
            case 2 when plan.HasNetworkFaults:
                CorruptOne();
                break;
            case 3 when plan.HasNetworkFaults:
                SilenceHost();
                break;
            case 4 when plan.HasPauses:
                random.PickFrom(world.Hosts).Thread.Pause(random.Skewed(1000, 8_000_000));
                break;
            case 5 when plan.HasPauses:
                random.PickFrom(world.Target!.Threads).Pause(random.Skewed(1000, 300_000));
                break;
            case 6 when plan.HasPauses:
                random.PickFrom(world.Disks).BeSlow(random.Skewed(1000, 2_000_000));
                break;
            case 7 when plan.HasCrashes && random.OneIn(2):
                world.Crash();
                await RestartAsync();
                break;
            case 8 when plan.HasCrashes && random.OneIn(3):
                await StopAsync();
                await RestartAsync();
                break;
            case 9 when plan.HasManagement:
                replacements.Add(ReplaceAsync(random.PickFrom(world.Disks)));
                world.Track(replacements[^1]);
                break;
            case 10 when plan.HasManagement:
                Grow(random.PickFrom(world.Disks));
                break;
            case 11 when plan.HasManagement:
                RestrictHosts();
                break;
            case 12 when plan.HasManagement:
                Limit(random.PickFrom(world.Disks));
                break;
            case 13 when plan.HasManagement:
                Mask(random.PickFrom(world.Disks), random.PickFrom(world.Hosts));
                break;
            default:
                break;
        }
    }

    private async Task MoveConnectionsAsync(long end)
    {
        while (world.Loop.Now < end)
        {
            await world.Delay(random.Skewed(1, 200_000));
            if (world.Target is not { } target || target.Open.ToArray() is not { Length: > 0 } open)
                continue;
            random.PickFrom(open).Transport.Move(random.PickFrom(target.Threads));
        }
    }

    private async Task RestartAsync()
    {
        await world.Delay(random.Skewed(1000, 2_000_000));
        world.Target = new SimulatedTarget(world, plan.Limits);
        foreach (SimulatedDisk disk in world.Disks)
            SetMask(disk, null, isHidden: false, isReadOnly: false);
        Allow(null);
        world.Trace.Add("the target starts");
    }

    /// <summary>Stops the target as its operator would: with patience, and then without.</summary>
    private async Task StopAsync()
    {
        world.Trace.Add("the target stops");
        SimulatedTarget target = world.Target!;
        using var cancellation = new CancellationTokenSource();
        Task stopped = target.Target.StopAsync(cancellation.Token);
        long patience = world.Loop.Now + random.Skewed(1, 10_000_000);
        for (long end = patience + MaxDrain; IsInUse(target);)
        {
            await world.Delay(EventLoop.Millisecond);
            if (world.Loop.Now >= patience && !cancellation.IsCancellationRequested)
            {
                cancellation.Cancel();
                world.Note(Situation.StopLostPatience);

                // It may go on on a thread of the pool: nothing else happens until it has.
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

    /// <summary>Takes a namespace away under its hosts, and brings it back.</summary>
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
        await world.Delay(random.Skewed(10, 1_000_000));
        if (IsGone(target))
            return;
        disk.IsServed = true;
        disk.IsAttached = true;
        target.Subsystem.AddNamespace(SimulatedTarget.Describe(disk));
        disk.ChangedAt = world.Model.Tick();
        world.Trace.Add("namespace {0} comes", disk.Id);
    }

    /// <summary>The target ended meanwhile; the next one begins with every namespace.</summary>
    private bool IsGone(SimulatedTarget target)
    {
        if (!target.IsDead)
            return false;
        world.Note(Situation.CrashWhileNamespaceWent);
        return true;
    }

    private void Grow(SimulatedDisk disk)
    {
        disk.Grow(random.Between(1, 8));
        world.Target!.Subsystem.NotifyNamespaceChanged(disk.Id);
        disk.ChangedAt = world.Model.Tick();
    }

    /// <summary>Lets hosts use a namespace more slowly, or as fast as can be.</summary>
    private void Limit(SimulatedDisk disk)
    {
        QualityOfServiceLimits? limits = random.Chance(30) ? null : new QualityOfServiceLimits
        {
            TotalIops = random.Chance(50) ? random.Between(5, 2000) : null,
            WriteIops = random.Chance(30) ? random.Between(5, 2000) : null,
            ReadBytesPerSecond = random.Chance(30) ? random.Between(4096, 4_000_000) : null,
            BurstSeconds = random.Between(1, 500) / 1000.0,
        };
        if (random.Chance(50))
            world.Target!.Subsystem.SetQualityOfService(disk.Id, limits);
        else
            world.Target!.Subsystem.SetQualityOfService(disk.Id, random.PickFrom(world.Hosts).Name, limits);
        if (limits is not null)
            world.Note(Situation.NamespaceLimited);
    }

    /// <summary>Takes a namespace away from one host alone, or its right to write, or gives everything back.</summary>
    private void Mask(SimulatedDisk disk, SimulatedHost host)
    {
        if (!disk.IsAttached)
            return;
        if (random.Chance(40))
        {
            Unmask(disk);
            return;
        }
        bool isHidden = random.Chance(50);
        SetMask(disk, host, isHidden, !isHidden);
        Task inForce = world.Target!.Subsystem.SetNamespaceAccess(disk.Id, isHidden
            ? new NamespaceAccess { VisibleTo = [.. world.Hosts.Where(each => each != host).Select(static each => each.Name)] }
            : new NamespaceAccess { ReadOnlyFor = [host.Name] });
        world.Note(Situation.NamespaceMasked);
        replacements.Add(CheckMaskAsync(world.Target, disk, host, inForce));
        world.Track(replacements[^1]);
    }

    /// <summary>Gives every host its rights on a disk back.</summary>
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
        Nqn? allowed = wasRestricted && random.Chance(70) ? null : random.PickFrom(world.Hosts).Name;
        world.Target!.Subsystem.SetAccess(allowed is null ? SubsystemAccess.AnyHost : SubsystemAccess.Of([allowed]));
        Allow(allowed);
        CheckAccess(allowed);
    }

    // Discovery tells of the subsystem to those who may use it, and of a change to those for whom there is one.
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

    // Within a second, whatever its connections and its disks do, a host that lost its access is gone.
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
            random.PickFrom(candidates).Corrupt();
    }

    /// <summary>A cable is pulled: all connections of a host at once.</summary>
    private void SilenceHost()
    {
        if (random.PickFrom(world.Hosts).Association is not { } association)
            return;
        foreach (HostQueue queue in association.Queues)
            queue.Link.FallSilent();
    }
}
