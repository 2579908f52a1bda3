using System.Buffers.Binary;

namespace ManagedNvmet.Protocol.Tests;

/// <summary>Runs the host's end of a connection without a network. The test plays the controller: it sends bytes and reads PDUs.</summary>
public sealed class HostHarness
{
    private readonly TestTransport _transport;
    private readonly TransmitBatch _batch = new();
    private readonly List<byte> _output = [];

    public HostHarness(HostConnectionOptions? options = null)
    {
        Options = options ?? new HostConnectionOptions();
        _transport = new TestTransport(Clock);
        Connection = new HostConnection(_transport, Options, Clock.Now) { OnClosed = CloseReasons.Add };
    }

    /// <summary>Command identifier of the first command on a queue with the default depth: slot 0, generation 1.</summary>
    public const ushort FirstCommandId = 1 << 5;

    public HostConnectionOptions Options { get; }

    public TestClock Clock { get; } = new();

    public HostConnection Connection { get; }

    public List<CloseReason> CloseReasons { get; } = [];

    public bool HoldsOutput { get; set; }

    /// <summary>Number of bytes that the host may still send; null for no limit.</summary>
    public int? SendLimitTotal { get; set; }

    public HostHarness Initialize(byte digests = 0)
    {
        Settle();
        TakeOutput();
        Send(ICResp().With(11, digests));
        Assert.True(Connection.CanSubmit);
        return this;
    }

    public TestCommand Prepare(byte opcode, byte[]? data)
    {
        var command = new TestCommand { Entry = Entries.Transfer(opcode, 0, 0), Data = data };
        Submit(command, settles: false);
        return command;
    }

    public TestCommand Submit(byte opcode, byte[]? data)
    {
        TestCommand command = Prepare(opcode, data);
        Settle();
        return command;
    }

    public void Submit(TestCommand command, bool settles = true)
    {
        Assert.True(Connection.TrySubmit(command));
        if (settles)
            Settle();
    }

    /// <summary>Lets the host send this many bytes of its queued output.</summary>
    public void SendOnly(TestCommand command, int bytes)
    {
        Assert.Equal(0, command.Completions);
        SendLimitTotal = bytes;
        Settle();
        SendLimitTotal = null;
    }

    /// <summary>Sends bytes as the controller, then runs all work that follows.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        if (Connection.WantsReceive)
            Connection.Received(bytes.ToArray());
        Settle();
    }

    public void Settle()
    {
        while (!HoldsOutput && SendLimitTotal != 0 && Connection.WantsTransmit)
        {
            _batch.Clear();
            Connection.FillTransmit(_batch);
            long count = Math.Min(_batch.TotalBytes, SendLimitTotal ?? long.MaxValue);
            SendLimitTotal -= (int)count;
            long left = count;
            foreach (ReadOnlyMemory<byte> segment in _batch.Segments)
            {
                int taken = (int)Math.Min(left, segment.Length);
                _output.AddRange(segment.Span[..taken]);
                left -= taken;
            }
            Connection.Transmitted(count);
        }
    }

    public byte[] TakeOutput()
    {
        byte[] bytes = [.. _output];
        _output.Clear();
        return bytes;
    }

    public void ExpectTermination(FatalErrorStatus status, uint information)
    {
        byte[] pdu = TakeOutput();
        Assert.Equal((byte)PduType.H2CTermReq, pdu[0]);
        Assert.Equal(pdu.Length, BinaryPrimitives.ReadInt32LittleEndian(pdu.AsSpan(4)));
        Assert.Equal(status, (FatalErrorStatus)BinaryPrimitives.ReadUInt16LittleEndian(pdu.AsSpan(8)));
        Assert.Equal(information, BinaryPrimitives.ReadUInt32LittleEndian(pdu.AsSpan(10)));
        Assert.Equal([CloseReason.ProtocolError], CloseReasons);
        Assert.True(Connection.IsFinished);
    }

    public static byte[] ICResp() => Pdus.InitializeRequest().With(0, 1).With32(12, 4096);

    public static byte[] Response(ushort commandId, ushort status = 0)
    {
        byte[] pdu = [5, 0, 24, 0, 24, 0, 0, 0, .. new byte[16]];
        BinaryPrimitives.WriteUInt16LittleEndian(pdu.AsSpan(20), commandId);
        BinaryPrimitives.WriteUInt16LittleEndian(pdu.AsSpan(22), status);
        return pdu;
    }

    public static byte[] R2T(ushort commandId, ushort tag, uint offset, uint length)
    {
        byte[] pdu = [9, 0, 24, 0, 24, 0, 0, 0, .. new byte[16]];
        BinaryPrimitives.WriteUInt16LittleEndian(pdu.AsSpan(8), commandId);
        BinaryPrimitives.WriteUInt16LittleEndian(pdu.AsSpan(10), tag);
        return pdu.With32(12, offset).With32(16, length);
    }

    public static byte[] Data(ushort commandId, uint offset, byte[] data, byte flags = 0, int digests = 0)
    {
        byte[] pdu = Pdus.HostData(commandId, 0, 0, data, false, digests).With32(12, offset).With(0, 7);
        pdu[1] |= flags;
        return pdu;
    }
}
