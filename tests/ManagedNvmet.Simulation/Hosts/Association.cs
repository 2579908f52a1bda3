using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Simulation.Kernel;
using ManagedNvmet.Simulation.Network;
using ManagedNvmet.Testing;

namespace ManagedNvmet.Simulation.Hosts;

/// <summary>A host's association with a controller: connects, resets, shuts down and closes its queues.</summary>
internal sealed class Association(World world, SimulatedHost host)
{
    private const uint Enabled = 0x0046_0001;
    private const uint Disabled = 0x0046_0000;
    private const uint ShutdownNormal = 0x0046_4001;
    private const long MaxTransition = 60 * EventLoop.Second;

    private readonly List<HostQueue> _all = [];

    public SimulatedHost Host { get; } = host;

    public HostPlan Plan { get; } = host.Plan;

    public HostQueue Admin { get; private set; } = null!;

    /// <summary>I/O queues by QID minus one; null for a queue that is not connected.</summary>
    public HostQueue?[] Io { get; } = new HostQueue?[host.Plan.IoQueues];

    public ushort ControllerId { get; private set; }

    /// <summary>True when the host has ended or lost the association.</summary>
    public bool IsOver { get; private set; }

    /// <summary>True when the host has started a reset or shutdown of the controller.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>True when the controller has reported no volatile write cache, or the host has disabled it.</summary>
    public bool WritesAreDurable { get; private set; }

    /// <summary>Model time from which on the host must get events.</summary>
    public long EventsSince { get; private set; } = long.MaxValue;

    public IReadOnlyList<HostQueue> Queues => _all;

    /// <summary>Queue and command identifier of each Abort. A late Abort may abort a command with the same identifier on the queue's next
    /// connection.</summary>
    public HashSet<(int QueueId, ushort CommandId)> Aborts { get; } = [];

    /// <summary>Connects, enables the controller, and connects the I/O queues.</summary>
    public async Task<bool> EstablishAsync()
    {
        Admin = Open(0);
        SimulatedCommand? connect = await Admin.ConnectAsync(Connect(0, 0xFFFF));
        if (!IsConnected(connect))
            return false;
        ControllerId = (ushort)connect!.Result;
        return await EnableAsync();
    }

    /// <summary>Resets the controller while commands are outstanding, and enables it again.</summary>
    public async Task<bool> ResetAsync()
    {
        IsLeaving = true;
        EventsSince = long.MaxValue;
        if (!await SetConfigurationAsync(Disabled) || !await StatusAsync(static status => (status & 1) == 0))
            return false;
        var links = new List<Link>();
        for (int index = 0; index < Io.Length; index++)
        {
            if (Io[index] is not { } queue)
                continue;
            Io[index] = null;
            links.Add(queue.Link);
            queue.Close();
        }
        foreach (Link link in links)
            world.Require(world.Model.IsSettled(link), "A reset was over while a command of its I/O queues was not.");
        world.Note(Situation.ControllerReset);
        return await EnableAsync();
    }

    /// <summary>Shuts the controller down, and tells the model that the completed writes are now durable.</summary>
    public async Task ShutdownAsync()
    {
        IsLeaving = true;
        EventsSince = long.MaxValue;
        long begin = world.Model.Tick();
        int crashes = world.Crashes;
        int failures = world.FailedFlushes;
        if (!await SetConfigurationAsync(ShutdownNormal) || !await StatusAsync(static status => (status & 0xC) == 0x8))
            return;
        world.Note(Situation.ControllerShutDown);

        // A discovery controller flushes nothing.
        if (!Plan.IsDiscovery && world.Crashes == crashes && world.FailedFlushes == failures)
            world.Model.Flushed(null, begin);
    }

    /// <summary>Deletes one I/O queue and connects it again.</summary>
    public async Task RenewAsync(int index)
    {
        if (Io[index] is not { IsDisconnecting: false } queue)
            return;
        SimulatedCommand disconnect = await queue.DisconnectAsync();
        if (!Expect(disconnect) || IsOver || IsLeaving)
            return;
        queue.Close();
        await world.Delay(world.Random.Skewed(10, 5000), Host.Thread);
        if (IsOver || IsLeaving)
            return;
        if (await ConnectIoAsync(index))
            world.Note(Situation.QueueDeletedAndConnectedAgain);
    }

    /// <summary>Closes all connections.</summary>
    public void Close()
    {
        IsOver = true;
        foreach (HostQueue queue in _all)
        {
            if (!queue.IsOver)
                queue.Close();
        }
    }

    /// <summary>Called when a connection has closed.</summary>
    public void OnQueueEnded(HostQueue queue)
    {
        int index = Array.IndexOf(Io, queue);
        if (index >= 0)
            Io[index] = null;
        bool isExpected = queue.Id != 0 && (IsLeaving || queue.IsDisconnecting);
        if (isExpected || IsOver)
            return;

        // Like most hosts, it ends the association when it loses one connection.
        IsOver = true;
        Host.Thread.After(world.Random.Skewed(1, 2000), Close);
    }

    /// <summary>Returns true for success, and false when a fault explains the failure. Fails the run for any other status.</summary>
    public bool Expect(SimulatedCommand command)
    {
        if (command.IsLost || IsOver)
            return false;
        NvmeStatus status = command.Status;
        bool isDamaged = status.IsSameCode(NvmeStatus.TransientTransportError) && command.Queue.Link.IsCorrupted;
        world.Require(status.IsSuccess || IsLeaving || isDamaged,
            $"Nothing explains the status {status} of opcode {command.Entry.Opcode:X2} on queue {command.Queue.Id}.");
        return status.IsSuccess;
    }

    public Task<SimulatedCommand> SetFeatureAsync(byte id, uint value) =>
        Admin.SendAsync(new SubmissionEntry { Opcode = 0x09, Cdw10 = id, Cdw11 = value });

    public Task<SimulatedCommand> ReadLogAsync(byte id, byte[] page) =>
        Admin.SendAsync(new SubmissionEntry { Opcode = 0x02, Cdw10 = id | (((uint)(page.Length / 4) - 1) << 16) }, page);

    public Task<SimulatedCommand> IdentifyAsync(byte structure, uint namespaceId, byte[] page) =>
        Admin.SendAsync(new SubmissionEntry { Opcode = 0x06, NamespaceId = namespaceId, Cdw10 = structure }, page);

    private async Task<bool> EnableAsync()
    {
        if (!await SetConfigurationAsync(Enabled) || !await StatusAsync(static status => (status & 1) == 1))
            return false;
        IsLeaving = false;
        WritesAreDurable = true;
        if (Plan.Identifies && !await LearnCacheAsync())
            return false;
        if (Plan.WantsEvents)
        {
            if (!Expect(await SetFeatureAsync(0x0B, Plan.IsDiscovery ? 1u << 31 : 1u << 8)))
                return false;
            EventsSince = world.Model.Tick();
        }
        if (Plan.IoQueues == 0)
            return true;
        uint asked = (uint)Plan.IoQueues - 1;
        SimulatedCommand granted = await SetFeatureAsync(0x07, asked | (asked << 16));
        if (!Expect(granted))
            return false;
        world.Require((granted.Result & 0xFFFF) == asked, "The host was granted fewer queues than the limit.");
        for (int index = 0; index < Plan.IoQueues; index++)
        {
            if (!await ConnectIoAsync(index))
                return false;
        }
        return true;
    }

    private async Task<bool> LearnCacheAsync()
    {
        const int volatileWriteCache = 525;
        var page = new byte[4096];
        if (!Expect(await IdentifyAsync(0x01, 0, page)))
            return false;
        bool hasCache = (page[volatileWriteCache] & 1) != 0;
        if (hasCache && Plan.DisablesWriteCache && !Expect(await SetFeatureAsync(0x06, 0)))
            return false;
        WritesAreDurable = !hasCache || Plan.DisablesWriteCache;
        return true;
    }

    private async Task<bool> ConnectIoAsync(int index)
    {
        const int mostTries = 200;
        for (int tries = 0; tries < mostTries && !IsOver && !IsLeaving; tries++)
        {
            HostQueue queue = Open(index + 1);
            SimulatedCommand? connect = await queue.ConnectAsync(Connect(index + 1, ControllerId));
            if (IsConnected(connect))
            {
                Io[index] = queue;
                return !IsOver;
            }
            if (connect is null || connect.IsLost)
                return false;

            // The target may not have closed the queue's old connection yet, so retries later.
            queue.CloseQuietly();
            await world.Delay(world.Random.Between(1, 100) * EventLoop.Millisecond, Host.Thread);
        }
        return false;
    }

    private bool IsConnected(SimulatedCommand? connect)
    {
        if (connect is null || connect.IsLost)
            return false;
        if (connect.IsSuccess)
            return true;
        world.Note(Situation.ConnectRefused);
        NvmeStatus status = connect.Status;
        bool isRefusedHost = status.IsSameCode(NvmeStatus.ConnectInvalidHost) && world.RestrictsHosts;
        world.Require(!status.DoNotRetry || isRefusedHost,
            $"A Connect that can heal was refused for good: {status}, result {connect.Result:X}.");
        return false;
    }

    private ConnectData Connect(int queueId, ushort controllerId) => new()
    {
        QueueId = queueId,
        QueueSize = (queueId == 0 ? Plan.AdminEntries : Plan.IoEntries) - 1,
        DisablesFlowControl = Plan.DisablesFlowControl,
        KeepAlive = queueId == 0 ? Plan.KeepAliveMilliseconds : 0,
        ControllerId = controllerId,
        HostIdByte = (byte)(Host.Index + 1),
        HostNqn = Host.Name,
        SubsystemNqn = Plan.IsDiscovery ? Nqn.Discovery : ConnectData.DiskNqn,
    };

    private HostQueue Open(int id)
    {
        _all.RemoveAll(static queue => queue.IsOver);
        var queue = new HostQueue(world, this, id);
        _all.Add(queue);
        return queue;
    }

    private async Task<bool> SetConfigurationAsync(uint value) =>
        Expect(await Admin.SendAsync(Entries.Fabrics(0x00) with { Cdw11 = 0x14, Cdw12 = value }));

    /// <summary>Polls CSTS.</summary>
    private async Task<bool> StatusAsync(Func<uint, bool> isReached)
    {
        for (long end = world.Loop.Now + MaxTransition; ;)
        {
            SimulatedCommand status = await Admin.SendAsync(Entries.Fabrics(0x04) with { Cdw11 = 0x1C });
            if (status.IsLost || IsOver)
                return false;
            if (status.IsSuccess && isReached(status.Result))
                return true;
            world.Require(world.Loop.Now < end, $"The controller has kept its status of {status.Result:X} for too long.");
            await world.Delay(world.Random.Skewed(100, 50_000), Host.Thread);
        }
    }
}
