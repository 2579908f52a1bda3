using System.Buffers.Binary;
using System.Text;
using ManagedNvmet.Initiator;
using ManagedNvmet.Protocol.Wire;
using Xunit;

namespace ManagedNvmet.Configuration.Tests.Model;

/// <summary>A host's association with outstanding Asynchronous Event Requests. It records the received events.</summary>
internal sealed class WatchedController : IAsyncDisposable
{
    public const uint NamespaceEvent = 0x04_00_02;
    public const uint AnaEvent = 0x0C_03_02;
    public const uint DiscoveryEvent = 0x70_F0_02;

    // One more than a controller has kinds of events, so that a duplicate event is detected.
    private const int Requests = 3;
    private const uint WantedNotices = (1 << 8) | (1 << 11);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly List<ValueTask<CommandResult>> _requests = [];
    private readonly Memory<byte> _block = InitiatorController.AllocatePinned(512);

    private WatchedController(InitiatorController controller) => Controller = controller;

    public InitiatorController Controller { get; }

    public static async Task<WatchedController> ConnectAsync(RunningServer server, Nqn subsystem, int host)
    {
        bool isDiscovery = subsystem.Equals(Nqn.Discovery);
        InitiatorController controller = await server.ConnectAsync(
            subsystem, ModelState.HostName(host), ModelState.PortOf(host), isDiscovery ? 0 : 1);
        var watched = new WatchedController(controller);
        if (!isDiscovery)
        {
            var configuration = new SubmissionEntry { Opcode = 0x09, Cdw10 = 0x0B, Cdw11 = WantedNotices };
            (await controller.Admin.SubmitAsync(configuration)).Require("Set Features (Asynchronous Event Configuration)");
        }
        for (int i = 0; i < Requests; i++)
            watched.Request();
        return watched;
    }

    /// <summary>Waits until the association has ended: both its queues are closed.</summary>
    public async Task IsLostAsync()
    {
        await Controller.Admin.Closed.WaitAsync(Patience);
        foreach (InitiatorQueue queue in Controller.IoQueues)
            await queue.Closed.WaitAsync(Patience);
    }

    /// <summary>Returns the events since the last call in ascending order. It includes every event that was raised before the
    /// call.</summary>
    public async Task<uint[]> TakeEventsAsync()
    {
        // A command may overtake an event that is posted to the same round of the shard. The second command cannot.
        for (int round = 0; round < 2; round++)
            (await Controller.Admin.SubmitAsync(new SubmissionEntry { Opcode = 0x18 }).AsTask().WaitAsync(Patience)).Require("Keep Alive");
        var came = new List<uint>();
        for (int index = _requests.Count - 1; index >= 0; index--)
        {
            if (!_requests[index].IsCompleted)
                continue;
            CommandResult result = await _requests[index];
            _requests.RemoveAt(index);
            came.Add((uint)result.Require("Asynchronous Event Request").Result);
            Request();
        }
        came.Sort();
        return [.. came];
    }

    public async Task<uint[]> ActiveNamespacesAsync() => Identifiers(await Controller.IdentifyAsync(0x02));

    public async Task<uint[]> ChangedNamespacesAsync() => Identifiers(await Controller.GetLogPageAsync(0x04, 4096));

    /// <summary>Returns the size of an active namespace in bytes.</summary>
    public async Task<ulong> SizeAsync(uint id)
    {
        ReadOnlyMemory<byte> data = await Controller.IdentifyAsync(0x00, id);
        int format = data.Span[26] & 0xF;
        return BinaryPrimitives.ReadUInt64LittleEndian(data.Span) << data.Span[128 + format * 4 + 2];
    }

    /// <summary>Returns the ANA states by group.</summary>
    public async Task<Dictionary<uint, byte>> AnaStatesAsync()
    {
        ReadOnlyMemory<byte> page = await Controller.GetLogPageAsync(0x0C, 1024);
        var states = new Dictionary<uint, byte>();
        int at = 16;
        for (int left = BinaryPrimitives.ReadUInt16LittleEndian(page.Span[8..]); left > 0; left--)
        {
            ReadOnlySpan<byte> descriptor = page.Span[at..];
            states.Add(BinaryPrimitives.ReadUInt32LittleEndian(descriptor), descriptor[16]);
            at += 32 + 4 * (int)BinaryPrimitives.ReadUInt32LittleEndian(descriptor[4..]);
        }
        return states;
    }

    /// <summary>Returns the generation counter (GENCTR) of the discovery log, and the NVM subsystems that it lists.</summary>
    public async Task<(ulong Generation, string[] Told)> DiscoverAsync()
    {
        ReadOnlyMemory<byte> page = await Controller.GetLogPageAsync(0x70, 16 * 1024);
        int count = (int)BinaryPrimitives.ReadUInt64LittleEndian(page.Span[8..]);
        Assert.InRange(count, 0, 15);
        var told = new List<string>();
        for (int index = 1; index <= count; index++)
        {
            ReadOnlySpan<byte> entry = page.Span.Slice(index * 1024, 1024);
            if (entry[2] == 2)
            {
                string nqn = Encoding.ASCII.GetString(entry.Slice(256, 256)).TrimEnd('\0');
                told.Add($"{nqn} at {BinaryPrimitives.ReadUInt16LittleEndian(entry[4..])}");
            }
        }
        return (BinaryPrimitives.ReadUInt64LittleEndian(page.Span), [.. told.Order(StringComparer.Ordinal)]);
    }

    public async Task<(NvmeStatus Status, byte Content)> ReadAsync(uint id)
    {
        NvmeStatus status = (await Controller.ReadAsync(0, id, 0, 1, _block).AsTask().WaitAsync(Patience)).Status;
        return (status, _block.Span[0]);
    }

    public async Task<NvmeStatus> WriteAsync(uint id, byte content)
    {
        _block.Span.Fill(content);
        return (await Controller.WriteAsync(0, id, 0, 1, _block).AsTask().WaitAsync(Patience)).Status;
    }

    public ValueTask DisposeAsync() => Controller.DisposeAsync();

    // Keeps the ValueTask instead of a Task: it is complete as soon as the response is received, without a continuation that runs later.
#pragma warning disable CA2012
    private void Request() => _requests.Add(Controller.Admin.SubmitAsync(new SubmissionEntry { Opcode = 0x0C }));
#pragma warning restore CA2012

    private static uint[] Identifiers(ReadOnlyMemory<byte> list)
    {
        var identifiers = new List<uint>();
        for (int at = 0; at < list.Length && BinaryPrimitives.ReadUInt32LittleEndian(list.Span[at..]) is var id && id != 0; at += 4)
            identifiers.Add(id);
        return [.. identifiers];
    }
}
