using System.Diagnostics;
using System.Net;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Host;
using ManagedNvmet.Protocol.Sending;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Queues;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

/// <summary>Both ends of one connection. The test uses the host's end; the target's end runs on a simulated thread.</summary>
internal sealed class SimulatedQueue
{
    private readonly SimulatedWorld _world;
    private readonly SimulatedThread _thread;
    private readonly ControllerConnection _controller;
    private readonly TransmitBatch _batch = new();
    private bool _isHostClosed;
    private bool _isControllerClosed;

    public SimulatedQueue(SimulatedWorld world, SimulatedThread thread, IPEndPoint local, IPEndPoint remote)
    {
        _world = world;
        _thread = thread;
        world.Current = thread;
        _controller = new ControllerConnection(
            new Transport(world, thread), Buffers, world.Target.Limits.Connection, CreateQueue, world.Now)
        {
            LocalEndPoint = local,
            RemoteEndPoint = remote,
        };
        world.Current = null;
        Host = new HostConnection(new Transport(world, null), new HostConnectionOptions { QueueDepth = 31 }, world.Now);
    }

    public SimulatedBuffers Buffers { get; } = new();

    public HostConnection Host { get; }

    public QueuePair Pair { get; private set; } = null!;

    public ushort ControllerId { get; set; }

    /// <summary>True when the host receives nothing.</summary>
    public bool HoldsAnswers { get; set; }

    /// <summary>Rounds in which this connection is passed over: its shard collected the ready sockets before these bytes arrived.</summary>
    public int LateRounds { get; set; }

    public bool IsOpen => !_controller.IsFinished;

    public CloseReason CloseReason => _controller.CloseReason;

    public uint ControllerStatus => (uint)GetProperty(0x1C).Completion.Result;

    /// <summary>Submits a command and runs no other work.</summary>
    public TestCommand Start(SubmissionEntry entry, Memory<byte> data = default)
    {
        var command = new TestCommand { Entry = entry, Data = data };
        Assert.True(Host.TrySubmit(command), "the host's queue is full or closed");
        return command;
    }

    /// <summary>Submits a command and runs all work that follows.</summary>
    public TestCommand Send(SubmissionEntry entry, Memory<byte> data = default)
    {
        TestCommand command = Start(entry, data);
        _world.Run();
        return command;
    }

    /// <summary>Parameters of the last Connect command.</summary>
    public ConnectData? ConnectedAs { get; private set; }

    public TestCommand Connect(ConnectData data)
    {
        ConnectedAs = data;
        return Send(data.ToEntry(), data.ToBytes());
    }

    public TestCommand GetProperty(uint offset, bool isLong = false) =>
        Send(Entries.Fabrics(0x04) with { Cdw10 = isLong ? 1u : 0u, Cdw11 = offset });

    public TestCommand SetProperty(uint offset, uint value) => Send(Entries.Fabrics(0x00) with { Cdw11 = offset, Cdw12 = value });

    public TestCommand RequestEvent() => Send(new SubmissionEntry { Opcode = 0x0C });

    public TestCommand Abort(int queueId, TestCommand command) =>
        Send(new SubmissionEntry { Opcode = 0x08, Cdw10 = (uint)queueId | ((uint)command.Entry.CommandId << 16) });

    public TestCommand SetFeature(byte id, uint value) => Send(new SubmissionEntry { Opcode = 0x09, Cdw10 = id, Cdw11 = value });

    public TestCommand ReadLog(byte id, int length, ulong offset = 0, bool retain = false) => Send(
        new SubmissionEntry
        {
            Opcode = 0x02,
            Cdw10 = id | (retain ? 0x8000u : 0) | (((uint)(length / 4) - 1) << 16),
            Cdw12And13 = offset,
        },
        new byte[length]);

    public TestCommand StartWrite(int blocks = 1, uint namespaceId = 1) => Start(
        new SubmissionEntry { Opcode = 0x01, NamespaceId = namespaceId, Cdw12 = (uint)blocks - 1 },
        new byte[blocks * 512]);

    public byte[] Identify(byte structure, uint namespaceId = 0)
    {
        TestCommand identify = Send(
            new SubmissionEntry { Opcode = 0x06, NamespaceId = namespaceId, Cdw10 = structure }, new byte[4096]);
        Assert.Equal(NvmeStatus.Success, identify.Status);
        return identify.Data.ToArray();
    }

    /// <summary>Returns the Active Namespace ID list of Identify.</summary>
    public uint[] ActiveNamespaces() =>
        [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(Identify(0x02)).ToArray().TakeWhile(static id => id != 0)];

    public TestCommand StartRead(uint namespaceId = 1, int blocks = 1) => Start(
        new SubmissionEntry { Opcode = 0x02, NamespaceId = namespaceId, Cdw12 = (uint)blocks - 1 },
        new byte[blocks * 512]);

    public TestCommand Read(uint namespaceId = 1) =>
        Send(new SubmissionEntry { Opcode = 0x02, NamespaceId = namespaceId }, new byte[512]);

    /// <summary>Runs all pending work.</summary>
    public void Settle() => _world.Run();

    /// <summary>Sends a capsule without data that the host's own engine knows nothing of. Its response goes to the command with the same
    /// identifier.</summary>
    public void SendRaw(SubmissionEntry entry)
    {
        byte[] pdu = [0x04, 0, 72, 0, 72, 0, 0, 0, .. WireStruct.Bytes(ref entry)];
        On(_thread, () => _controller.Received(pdu));
        _world.Run();
    }

    /// <summary>Sends bytes as the host that are not a PDU.</summary>
    public void Break()
    {
        On(_thread, () => _controller.Received(new byte[] { 0xEE, 0, 8, 0, 8, 0, 0, 0 }));
        _world.Run();
    }

    /// <summary>Closes the connection as the host.</summary>
    public void Cut()
    {
        Host.Close(CloseReason.PeerClosed);
        _world.Run();
    }

    /// <summary>Transfers bytes in both directions. Returns false when nothing moved.</summary>
    public bool Pump()
    {
        if (LateRounds > 0)
        {
            LateRounds--;
            return true;
        }
        bool hasMoved = Carry(Host, _controller, null, _thread);
        if (!HoldsAnswers)
            hasMoved |= Carry(_controller, Host, _thread, null);
        if (Host.IsFinished && !_isHostClosed)
        {
            _isHostClosed = true;
            hasMoved = true;
            if (!_controller.IsFinished)
                On(_thread, _controller.PeerClosed);
        }
        if (_controller.IsFinished && !_isControllerClosed)
        {
            _isControllerClosed = true;
            hasMoved = true;
            Host.PeerClosed();
        }
        return hasMoved;
    }

    public void CheckTimer()
    {
        if (_world.Now >= _controller.Deadline)
            On(_thread, () => _controller.OnTimer(_world.Now));
    }

    private QueuePair CreateQueue(ControllerConnection connection) => Pair = _world.Target.CreateQueue(connection);

    private bool Carry(IByteConnection from, IByteConnection to, SimulatedThread? sender, SimulatedThread? receiver)
    {
        if (!from.WantsTransmit)
            return false;
        _batch.Clear();
        On(sender, () => from.FillTransmit(_batch));
        long total = _batch.TotalBytes;
        if (total == 0)
            return false;
        var bytes = new byte[total];
        int used = 0;
        foreach (ReadOnlyMemory<byte> segment in _batch.Segments)
        {
            segment.CopyTo(bytes.AsMemory(used));
            used += segment.Length;
        }
        On(sender, () => from.Transmitted(total));
        On(receiver, () => to.Received(bytes));
        return true;
    }

    private void On(SimulatedThread? owner, Action work)
    {
        _world.Current = owner;
        work();
        _world.Current = null;
    }

    private sealed class Transport(SimulatedWorld world, SimulatedThread? thread) : IConnectionTransport
    {
        public bool IsCurrentThread => thread is null || thread.IsCurrent;

        public long Now => world.Now;

        public long RoundTicks => world.Now * Stopwatch.Frequency / 1000;

        public long ReadTicks() => RoundTicks;

        public void Post(Action<object?> work, object? state) => thread!.Post(work, state);

        public void Wake()
        {
        }
    }
}
