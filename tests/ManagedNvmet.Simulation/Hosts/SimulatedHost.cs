using ManagedNvmet.Simulation.Kernel;

namespace ManagedNvmet.Simulation.Hosts;

/// <summary>A host. It repeatedly connects, does I/O and ends its association in different ways. At the end of the run it reads all
/// blocks.</summary>
internal sealed class SimulatedHost
{
    private const long Step = 10 * EventLoop.Millisecond;

    private readonly World _world;
    private readonly Dictionary<uint, long> _learned = [];

    public SimulatedHost(World world, int index)
    {
        _world = world;
        Index = index;
        Plan = HostPlan.From(world.Random, world.Plan.Limits);
        Thread = new SimulatedThread(world, $"host {index}");
        Name = Nqn.Parse($"nqn.2026-11.com.example:host{index}");
    }

    public int Index { get; }

    public Nqn Name { get; }

    public HostPlan Plan { get; private set; }

    public SimulatedThread Thread { get; }

    public Association? Association { get; private set; }

    /// <summary>Model time of the last change of this host's discovery log.</summary>
    public long DiscoveryChangedAt { get; set; }

    /// <summary>True while the host sends nothing, not even Keep Alive commands.</summary>
    public bool IsMute { get; set; }

    /// <summary>Runs the host from the start to the end of the simulation.</summary>
    public async Task LiveAsync()
    {
        await _world.Delay(_world.Random.Skewed(1, 500_000), Thread);
        while (!_world.IsCalm)
        {
            Plan = HostPlan.From(_world.Random, _world.Plan.Limits);
            await AssociateAsync(_world.Loop.Now + (_world.Random.Skewed(1, 12_000) * EventLoop.Millisecond));
            await _world.Delay(_world.Random.Skewed(10, 300_000), Thread);
        }
        IsMute = false;
        Plan = Plan with { Workers = 0, IsDiscovery = false, IoQueues = 1, KeepAliveMilliseconds = 15_000 };
        for (bool isVerified = false; !isVerified;)
        {
            isVerified = await VerifyAsync();
            Association!.Close();
            await _world.Delay(100 * EventLoop.Millisecond, Thread);
        }
    }

    /// <summary>Records that a log page has reported a change of a namespace.</summary>
    public void Learn(uint namespaceId) => _learned[namespaceId] = _world.Model.Tick();

    private async Task AssociateAsync(long until)
    {
        var association = new Association(_world, this);
        Association = association;
        IsMute = false;
        if (await association.EstablishAsync())
        {
            var workload = new Workload(_world, association);
            Task work = workload.RunAsync();
            await StayAsync(association, until);
            await LeaveAsync(association, workload);
            association.Close();
            workload.Stop();
            await work;
        }
        association.Close();
    }

    private async Task StayAsync(Association association, long until)
    {
        while (_world.Loop.Now < until && !association.IsOver && !_world.IsCalm)
        {
            await _world.Delay(Step, Thread);
            if (_world.Random.OneIn(400) && !Plan.IsDiscovery)
                await association.ResetAsync();
            else if (_world.Random.OneIn(200) && association.Io.Length > 0)
                await association.RenewAsync(_world.Random.Below(association.Io.Length));
            else if (_world.Random.OneIn(600))
                IsMute = true;
        }
        if (!association.IsOver && !IsMute)
            await CheckEventsAsync(association);
    }

    private async Task LeaveAsync(Association association, Workload workload)
    {
        // Some hosts leave while commands are outstanding, others wait for their completion.
        if (association.IsOver || IsMute || _world.Random.Chance(30))
            return;
        if (_world.Random.Chance(50))
        {
            workload.Stop();
            for (int left = 100; left > 0 && !association.IsOver && !workload.IsIdle; left--)
                await _world.Delay(Step, Thread);
        }
        if (!association.IsOver && _world.Random.Chance(70))
            await association.ShutdownAsync();
    }

    /// <summary>Checks, after the last change, that the host has got an event for every change.</summary>
    private async Task CheckEventsAsync(Association association)
    {
        if (!_world.IsCalm || !Plan.WantsEvents)
            return;
        for (int left = 500; left > 0; left--)
        {
            if (association.IsOver || association.Admin.Link.IsDisturbed || IsInformed(association))
                return;
            await _world.Delay(Step, Thread);
        }
        _world.Require(false, $"Host {Index} was not told of a change that it asked to be told of.");
    }

    private bool IsInformed(Association association)
    {
        if (Plan.IsDiscovery)
            return DiscoveryChangedAt <= association.EventsSince || _learned.GetValueOrDefault(0u) > DiscoveryChangedAt;
        foreach (Disks.SimulatedDisk disk in _world.Disks)
        {
            long changed = Math.Max(disk.ChangedAt, disk.MaskOf(Name).ChangedAt);
            if (changed > association.EventsSince && _learned.GetValueOrDefault(disk.Id) < changed)
                return false;
        }
        return true;
    }

    private async Task<bool> VerifyAsync()
    {
        var association = new Association(_world, this);
        Association = association;
        if (!await association.EstablishAsync())
            return false;
        var workload = new Workload(_world, association);
        bool isVerified = await workload.ReadEverythingAsync();
        if (isVerified && _world.Random.Chance(70))
            await association.ShutdownAsync();
        return isVerified;
    }
}
