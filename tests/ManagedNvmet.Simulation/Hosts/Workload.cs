using System.Buffers.Binary;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Simulation.Disks;
using ManagedNvmet.Simulation.Kernel;

namespace ManagedNvmet.Simulation.Hosts;

/// <summary>The work of a host with an association: I/O on all queues, Abort commands, events, Keep Alive commands and queries.</summary>
internal sealed class Workload(World world, Association association)
{
    private const long EnoughOperations = 6000;

    private readonly SimulatedHost _host = association.Host;
    private readonly HostPlan _plan = association.Plan;
    private readonly OperationMaker _maker = new(world, association);
    private bool _isStopping;
    private int _busy;

    /// <summary>True when no worker has an outstanding command.</summary>
    public bool IsIdle => _busy == 0;

    private bool IsOver => _isStopping || association.IsOver;

    // After enough operations, pauses become long, because further seeds find more than further operations of this one.
    private int Think => world.Reads + world.Writes < EnoughOperations ? _plan.ThinkMicroseconds : (int)EventLoop.Second;

    public void Stop() => _isStopping = true;

    public Task RunAsync()
    {
        var tasks = new List<Task>();
        for (int index = 0; index < association.Io.Length; index++)
        {
            for (int worker = 0; worker < _plan.Workers; worker++)
                tasks.Add(WorkAsync(index));
        }
        if (_plan.KeepAliveMilliseconds > 0)
            tasks.Add(KeepAliveAsync());
        for (int request = 0; request < _plan.EventRequests; request++)
            tasks.Add(HearAsync());
        if (!_plan.IsDiscovery)
            tasks.Add(AbortAsync());
        tasks.Add(AskAsync());
        return Task.WhenAll(tasks);
    }

    /// <summary>Reads all blocks of all disks. Returns false when the association was lost meanwhile.</summary>
    public async Task<bool> ReadEverythingAsync()
    {
        foreach (SimulatedDisk disk in world.Disks)
        {
            for (ulong block = 0; block < disk.BlockCount; block++)
            {
                // Reads one block at a time, because some blocks are unreadable.
                if (association.Io[0] is not { } queue)
                    return false;
                SimulatedCommand read = _maker.Send(queue, _maker.Read(disk, block, 1));
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
            await world.Delay(world.Random.Skewed(1, Think), _host.Thread);
            if (IsOver || _host.IsMute || association.Io[index] is not { IsDisconnecting: false, CanSend: true } queue)
            {
                await world.Delay(5 * EventLoop.Millisecond, _host.Thread);
                continue;
            }
            _busy++;
            await _maker.Send(queue, _maker.Any()).Done;
            _busy--;
        }
    }

    private async Task KeepAliveAsync()
    {
        while (!IsOver)
        {
            await world.Delay(_plan.KeepAliveMilliseconds * EventLoop.Millisecond / 2, _host.Thread);
            if (!IsOver && !_host.IsMute)
                association.Expect(await association.Admin.SendAsync(new SubmissionEntry { Opcode = 0x18 }));
        }
    }

    /// <summary>Keeps one Asynchronous Event Request outstanding, and reads the log page of each event.</summary>
    private async Task HearAsync()
    {
        while (!IsOver)
        {
            if (association.IsLeaving || !association.Admin.CanSend)
            {
                await world.Delay(5 * EventLoop.Millisecond, _host.Thread);
                continue;
            }
            SimulatedCommand request = association.Admin.Send(new SubmissionEntry { Opcode = 0x0C }, isPatient: true);
            await request.Done;
            if (request.IsLost || request.Status.IsSameCode(NvmeStatus.CommandAborted) || !association.Expect(request))
                continue;
            world.Note(Situation.EventReported);
            var page = new byte[4096];
            var logPage = (byte)(request.Result >> 16);
            world.Require(logPage is not (0x04 or 0x70) || _plan.WantsEvents || _plan.IsDiscovery,
                "An event was reported that the host has not asked for.");
            SimulatedCommand read = await association.ReadLogAsync(logPage, page);
            if (association.Expect(read))
                Learn(logPage, page);
        }
    }

    private void Learn(byte logPage, byte[] page)
    {
        if (logPage == 0x70)
            _host.Learn(0);
        for (int offset = 0; logPage == 0x04 && offset < page.Length; offset += 4)
        {
            uint namespaceId = BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(offset));
            if (namespaceId == 0)
                return;
            _host.Learn(namespaceId);
        }
    }

    /// <summary>Sends Abort commands for some outstanding commands.</summary>
    private async Task AbortAsync()
    {
        while (!IsOver)
        {
            await world.Delay(world.Random.Skewed(1, 400_000), _host.Thread);
            if (IsOver || _host.IsMute || world.Random.PickFrom(association.Io) is not { Outstanding.Count: > 0 } queue)
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

    /// <summary>Sends the admin commands that hosts send occasionally.</summary>
    private async Task AskAsync()
    {
        while (!IsOver)
        {
            await world.Delay(world.Random.Skewed(1, 1_000_000), _host.Thread);
            if (IsOver || _host.IsMute || association.IsLeaving)
                continue;
            SimulatedCommand answer = await (world.Random.Below(4) switch
            {
                0 => association.ReadLogAsync(0x02, new byte[512]),
                1 => association.ReadLogAsync(0x01, new byte[64 * world.Random.Between(1, 4)]),
                2 when !_plan.IsDiscovery => association.IdentifyAsync(0x02, 0, new byte[4096]),
                _ => association.Admin.SendAsync(new SubmissionEntry { Opcode = 0x0A, Cdw10 = 0x0B }),
            });
            if (!_plan.IsDiscovery || !answer.IsDone)
                association.Expect(answer);
        }
    }
}
