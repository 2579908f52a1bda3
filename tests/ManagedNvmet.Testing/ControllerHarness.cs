using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Sending;
using ManagedNvmet.Protocol.Slots;

namespace ManagedNvmet.Testing;

/// <summary>Runs the controller's end of a connection without a network. The test plays the host: it sends bytes and reads PDUs.</summary>
public sealed class ControllerHarness
{
    private readonly TransmitBatch _batch = new();
    private readonly List<byte> _unread = [];
    private readonly List<byte> _output = [];
    private readonly PduReader _reader;
    private StubQueue? _stub;
    private int _readPosition;

    public ControllerHarness(ConnectionLimits? limits = null, TestBuffers? buffers = null, byte hpda = 0, TestClock? clock = null,
        Func<ControllerConnection, ICommandHandler>? createHandler = null)
    {
        Hpda = hpda;
        _reader = new PduReader(hpda);
        Clock = clock ?? new TestClock();
        Transport = new TestTransport(Clock);
        Buffers = buffers ?? new TestBuffers();
        Connection = new ControllerConnection(Transport, Buffers, limits ?? new ConnectionLimits(),
            connection => createHandler is null ? _stub = new StubQueue(connection) : createHandler(connection), Clock.Now);
    }

    public byte Hpda { get; }

    public TestClock Clock { get; }

    public TestTransport Transport { get; }

    public TestBuffers Buffers { get; }

    public ControllerConnection Connection { get; }

    /// <summary>The stub that handles the commands.</summary>
    /// <exception cref="InvalidOperationException">The connection has a real queue pair.</exception>
    public StubQueue Queue => _stub ?? throw new InvalidOperationException("This connection has a real queue pair.");

    /// <summary>Digests that the host requested: bit 0 is header, bit 1 is data.</summary>
    public int Digests { get; private set; }

    /// <summary>All bytes that the controller has sent.</summary>
    public IReadOnlyList<byte> Output => _output;

    /// <summary>Gets the number of bytes of a send and returns how many of them the network accepts; 0 blocks the send. Null accepts
    /// all.</summary>
    public Func<long, long>? SendLimit { get; set; }

    /// <summary>True to send nothing.</summary>
    public bool HoldsOutput { get; set; }

    /// <summary>True to receive data directly into the buffer of the command where the connection offers one.</summary>
    public bool UsesDirectReceive { get; set; }

    /// <summary>Number of bytes that the host has sent and the controller has not accepted.</summary>
    public int UntakenBytes => _unread.Count;

    public ControllerHarness Initialize(int digests = 0)
    {
        Digests = digests;
        Send(Pdus.InitializeRequest(Hpda, (byte)digests));
        Expect(PduType.ICResp);
        return this;
    }

    /// <summary>Performs the handshake and the Connect command.</summary>
    public ControllerHarness Connect(int digests = 0, ushort queueId = 1, ushort queueSize = 31, bool disableFlowControl = false)
    {
        Initialize(digests);
        Send(Pdus.Capsule(Entries.Connect(0xC0, queueId, queueSize, disableFlowControl), Entries.ConnectData(), digests));
        Expect(PduType.CapsuleResp);
        return this;
    }

    /// <summary>Sends bytes as the host, then runs all work that follows.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        Feed(bytes);
        Settle();
    }

    /// <summary>Passes bytes of the host to the controller, and runs no other work.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        foreach (byte next in bytes)
            _unread.Add(next);
        DeliverUnread();
    }

    /// <summary>Sends output, runs posted work and serves buffer waiters until nothing is left to do. Returns false when there was
    /// nothing.</summary>
    public bool Settle()
    {
        bool hasMoved;
        bool hasEverMoved = false;
        do
        {
            hasMoved = Transport.RunPosted();
            hasMoved |= Buffers.EndRound();
            hasMoved |= Transmit();
            hasMoved |= DeliverUnread();
            hasEverMoved |= hasMoved;
        }
        while (hasMoved);
        return hasEverMoved;
    }

    /// <summary>Advances the clock and calls the timer if it is due.</summary>
    public void Advance(long milliseconds)
    {
        Clock.Advance(milliseconds);
        RunTimer();
        Settle();
    }

    /// <summary>Calls the timer if it is due.</summary>
    public void RunTimer()
    {
        if (Clock.Now >= Connection.Deadline)
            Connection.OnTimer(Clock.Now);
    }

    /// <summary>Returns the PDUs that the controller has sent since the last call.</summary>
    public List<ReceivedPdu> Read()
    {
        byte[] fresh = [.. _output.Skip(_readPosition)];
        _readPosition = _output.Count;
        return _reader.Read(fresh);
    }

    /// <summary>Asserts that the controller has sent exactly one PDU of this type since the last call, and returns it.</summary>
    public ReceivedPdu Expect(PduType type)
    {
        List<ReceivedPdu> pdus = Read();
        if (pdus.Count != 1 || pdus[0].Type != type)
            throw new InvalidDataException($"Expected one {type}, got: {(pdus.Count == 0 ? "nothing" : string.Join("; ", pdus))}.");
        return pdus[0];
    }

    /// <summary>Asserts that the controller has sent the response of this command and nothing else, and returns it.</summary>
    public ReceivedPdu ExpectResponse(ushort commandId)
    {
        ReceivedPdu response = Expect(PduType.CapsuleResp);
        if (response.CommandId != commandId)
            throw new InvalidDataException($"Expected the response of {commandId}, got {response}.");
        return response;
    }

    /// <summary>Sends the pending output once. Returns false when nothing was sent.</summary>
    public bool Transmit()
    {
        bool hasSent = false;
        while (!HoldsOutput && Connection.WantsTransmit)
        {
            _batch.Clear();
            Connection.FillTransmit(_batch);
            long total = _batch.TotalBytes;
            long count = SendLimit is { } limit ? Math.Min(limit(total), total) : total;
            Take(count);
            Connection.Transmitted(count);
            hasSent |= count > 0;
            if (count == 0)
                break;
        }
        return hasSent;
    }

    private void Take(long count)
    {
        foreach (ReadOnlyMemory<byte> segment in _batch.Segments)
        {
            int taken = (int)Math.Min(count, segment.Length);
            _output.AddRange(segment.Span[..taken]);
            count -= taken;
        }
    }

    private bool DeliverUnread()
    {
        bool hasMoved = false;
        while (_unread.Count > 0 && Connection.WantsReceive)
        {
            hasMoved = true;
            int direct = UsesDirectReceive ? Math.Min(Connection.DirectReceive.Length, _unread.Count) : 0;
            if (direct > 0)
            {
                System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_unread)[..direct].CopyTo(Connection.DirectReceive.Span);
                _unread.RemoveRange(0, direct);
                Connection.ReceivedDirect(direct);
                continue;
            }
            byte[] bytes = [.. _unread.Take(Connection.ReceiveLimit)];
            _unread.RemoveRange(0, bytes.Length);
            Connection.Received(bytes);
        }
        if (Connection.IsFinished)
            _unread.Clear();
        return hasMoved;
    }
}
