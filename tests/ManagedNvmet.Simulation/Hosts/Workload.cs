using System.Buffers.Binary;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Simulation.Disks;
using ManagedNvmet.Simulation.Kernel;

namespace ManagedNvmet.Simulation.Hosts;

/// <summary>What a host does with an association: I/O on every queue, aborts, events, keep-alives, and questions.</summary>
internal sealed class Workload(World world, Association association)
{
    private const long EnoughOperations = 6000;

    private readonly SimulatedHost host = association.Host;
    private readonly HostPlan plan = association.Plan;
    private readonly OperationMaker maker = new(world, association);
    private bool isStopping;
    private int busy;

    /// <summary>No worker waits for a command.</summary>
    public bool IsIdle => busy == 0;

    private bool IsOver => isStopping || association.IsOver;

    // A run that has done enough goes on at its ease: the next seed will find more than the ten-thousandth write of this one.
    private int Think => world.Reads + world.Writes < EnoughOperations ? plan.ThinkMicroseconds : (int)EventLoop.Second;

    public void Stop() => isStopping = true;

    public Task RunAsync()
    {
        var tasks = new List<Task>();
        for (int index = 0; index < association.Io.Length; index++)
        {
            for (int worker = 0; worker < plan.Workers; worker++)
                tasks.Add(WorkAsync(index));
        }
        if (plan.KeepAliveMilliseconds > 0)
            tasks.Add(KeepAliveAsync());
        for (int request = 0; request < plan.EventRequests; request++)
            tasks.Add(HearAsync());
        if (!plan.IsDiscovery)
            tasks.Add(AbortAsync());
        tasks.Add(AskAsync());
        return Task.WhenAll(tasks);
    }

    /// <summary>Reads every block of every disk. False when the association was lost on the way.</summary>
    public async Task<bool> ReadEverythingAsync()
    {
        foreach (SimulatedDisk disk in world.Disks)
        {
            for (ulong block = 0; block < disk.BlockCount; block++)
            {
                // One at a time, since some blocks cannot be read.
                if (association.Io[0] is not { } queue)
                    return false;
                SimulatedCommand read = maker.Send(queue, maker.Read(disk, block, 1));
                await read.Done;
                if (read.IsLost)
                    return false;
            }
        }
        return true;
    }

    private async Task WorkAsync(int index)
    {
        while (!IsOver)
        {
            await world.Delay(world.Random.Skewed(1, Think), host.Thread);
            if (IsOver || host.IsMute || association.Io[index] is not { IsDisconnecting: false, CanSend: true } queue)
            {
                await world.Delay(5 * EventLoop.Millisecond, host.Thread);
                continue;
            }
            busy++;
            await maker.Send(queue, maker.Any()).Done;
            busy--;
        }
    }

    private async Task KeepAliveAsync()
    {
        while (!IsOver)
        {
            await world.Delay(plan.KeepAliveMilliseconds * EventLoop.Millisecond / 2, host.Thread);
            if (!IsOver && !host.IsMute)
                association.Expect(await association.Admin.SendAsync(new SubmissionEntry { Opcode = 0x18 }));
        }
    }

    /// <summary>Keeps one Asynchronous Event Request outstanding, and reads what it tells of.</summary>
    private async Task HearAsync()
    {
        while (!IsOver)
        {
            if (association.IsLeaving || !association.Admin.CanSend)
            {
                await world.Delay(5 * EventLoop.Millisecond, host.Thread);
                continue;
            }
            SimulatedCommand request = association.Admin.Send(new SubmissionEntry { Opcode = 0x0C }, isPatient: true);
            await request.Done;
            if (request.IsLost || request.Status.IsSameCode(NvmeStatus.CommandAborted) || !association.Expect(request))
                continue;
            world.Note(Situation.EventReported);
            var page = new byte[4096];
            var logPage = (byte)(request.Result >> 16);
            world.Require(logPage is not (0x04 or 0x70) || plan.WantsEvents || plan.IsDiscovery,
                "An event was reported that the host has not asked for.");
            SimulatedCommand read = await association.ReadLogAsync(logPage, page);
            if (association.Expect(read))
                Learn(logPage, page);
        }
    }

    private void Learn(byte logPage, byte[] page)
    {
        if (logPage == 0x70)
            host.Learn(0);
        for (int offset = 0; logPage == 0x04 && offset < page.Length; offset += 4)
        {
            uint namespaceId = BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(offset));
            if (namespaceId == 0)
                return;
            host.Learn(namespaceId);
        }
    }

    /// <summary>Wants some commands back.</summary>
    private async Task AbortAsync()
    {
        while (!IsOver)
        {
            await world.Delay(world.Random.Skewed(1, 400_000), host.Thread);
            if (IsOver || host.IsMute || world.Random.PickFrom(association.Io) is not { Outstanding.Count: > 0 } queue)
                continue;
            SimulatedCommand target = world.Random.PickFrom(queue.Outstanding);
            if (target.Entry.IsFabrics)
                continue;
            association.Aborts.Add((queue.Id, target.Entry.CommandId));
            SimulatedCommand abort = await association.Admin.SendAsync(
                new SubmissionEntry { Opcode = 0x08, Cdw10 = (uint)queue.Id | ((uint)target.Entry.CommandId << 16) });
            if (abort.IsLost || abort.Status.IsSameCode(NvmeStatus.AbortCommandLimitExceeded))
                continue;
            if (!association.Expect(abort) || (abort.Result & 1) != 0)
                continue;
            bool wasAborted = !target.IsDone || target.IsLost || target.Status.IsSameCode(NvmeStatus.CommandAborted);
            world.Require(wasAborted, $"A command ended with {target.Status} and was said to have been aborted.");
            target.MustBeAborted = true;
        }
    }

    /// <summary>Asks what hosts ask now and then.</summary>
    private async Task AskAsync()
    {
        while (!IsOver)
        {
            await world.Delay(world.Random.Skewed(1, 1_000_000), host.Thread);
            if (IsOver || host.IsMute || association.IsLeaving)
                continue;
            SimulatedCommand answer = await (world.Random.Below(4) switch
            {
                0 => association.ReadLogAsync(0x02, new byte[512]),
                1 => association.ReadLogAsync(0x01, new byte[64 * world.Random.Between(1, 4)]),
                2 when !plan.IsDiscovery => association.IdentifyAsync(0x02, 0, new byte[4096]),
                _ => association.Admin.SendAsync(new SubmissionEntry { Opcode = 0x0A, Cdw10 = 0x0B }),
            });
            if (!plan.IsDiscovery || !answer.IsDone)
                association.Expect(answer);
        }
    }
}
