namespace ManagedNvmet.Protocol.Tests;

/// <summary>A host and a controller, connected by two pipes. The test decides how many bytes a pipe transfers at a time.</summary>
public sealed class ConnectionPair
{
    private static readonly ConnectionLimits Limits = new() { MaxC2HDataBytes = 4096, MaxH2CDataBytes = 4096, IoInCapsuleBytes = 1024 };

    private readonly TestClock _clock = new();
    private readonly TestTransport _hostTransport;
    private readonly TestTransport _controllerTransport;
    private readonly TransmitBatch _batch = new(maxSegments: 16, maxBytes: 20_000);
    private readonly List<byte> _toController = [];
    private readonly List<byte> _toHost = [];
    private readonly int[] _pieces;
    private readonly bool _disableFlowControl;
    private readonly int _depth;
    private int _turn;

    public ConnectionPair(int digests, byte hpda, bool isFlowControlled, int depth, int[] pieces)
    {
        _pieces = pieces;
        _depth = depth;
        _disableFlowControl = !isFlowControlled;
        _hostTransport = new TestTransport(_clock);
        _controllerTransport = new TestTransport(_clock);
        StubQueue? queue = null;
        Controller = new ControllerConnection(
            _controllerTransport, Buffers, Limits, connection => queue = new StubQueue(connection), _clock.Now);
        Queue = queue!;
        Queue.Execute = Execute;
        Host = new HostConnection(_hostTransport, new HostConnectionOptions
        {
            HeaderDigest = (digests & 1) != 0,
            DataDigest = (digests & 2) != 0,
            DataAlignment = hpda,
            QueueDepth = depth,
            InCapsuleBytes = Limits.IoInCapsuleBytes,
        }, _clock.Now);
    }

    public TestBuffers Buffers { get; } = new(ioBuffers: 3, inCapsuleReserve: 1);

    public HostConnection Host { get; }

    public ControllerConnection Controller { get; }

    public StubQueue Queue { get; }

    public void Connect()
    {
        RunUntil(() => Host.CanSubmit);
        var connect = new TestCommand
        {
            Entry = Entries.Connect(0, 1, (ushort)Math.Max(1, _depth), _disableFlowControl),
            Data = Entries.ConnectData(),
        };
        Assert.True(Host.TrySubmit(connect));
        RunUntil(() => connect.Completions > 0);
        Assert.True(connect.Status.IsSuccess);
    }

    /// <summary>Runs one command per number, as many concurrently as the queue allows, and checks all returned data.</summary>
    public bool Run(int[] work)
    {
        var running = new List<(TestCommand Command, int Seed)>();
        for (int next = 0; next < work.Length || running.Count > 0;)
        {
            while (next < work.Length && Host.CanSubmit)
            {
                running.Add((Submit(work[next]), work[next]));
                next++;
            }
            RunUntil(() => running.Exists(item => item.Command.Completions > 0));
            foreach ((TestCommand command, int seed) in running.Where(item => item.Command.Completions > 0).ToArray())
            {
                if (!IsRight(command, seed))
                    return false;
                running.RemoveAll(item => item.Command == command);
            }
        }
        return Buffers.Rented == 0 && Controller.OutstandingCommands == 0 && Host.CanSubmit;
    }

    public TestCommand Submit(int seed)
    {
        // A write carries the data that a read with the same seed returns, and the controller checks it.
        int kind = seed & 3;
        int length = 4 * (1 + ((seed >> 2) & 0x7FF));
        SubmissionEntry entry = Entries.Transfer(kind == 0 ? Entries.Flush : kind == 1 ? Entries.Write : Entries.Read, 0, 0, (uint)seed);
        byte[] data = kind == 0 ? [] : kind == 1 ? Pattern.Make(length, seed) : new byte[length];
        var command = new TestCommand { Entry = entry, Data = data };
        Assert.True(Host.TrySubmit(command));
        return command;
    }

    /// <summary>Lets each pipe accept and deliver bytes once. Returns false when nothing moved.</summary>
    public bool Step()
    {
        bool hasMoved = Take(Host, _toController) | Take(Controller, _toHost);
        hasMoved |= HandOn(Controller, _toController) | HandOn(Host, _toHost);
        hasMoved |= Buffers.EndRound() | _controllerTransport.RunPosted() | _hostTransport.RunPosted();
        return hasMoved;
    }

    public void Cut()
    {
        Host.PeerClosed();
        Controller.PeerClosed();
    }

    private static bool IsRight(TestCommand command, int seed) => command.Completions == 1 && command.Status.IsSuccess
        && ((seed & 3) < 2 || command.Data.Span.SequenceEqual(Pattern.Make(command.Data.Length, seed)));

    private void Execute(CommandSlot slot)
    {
        int seed = (int)(uint)slot.Entry.Cdw10;
        bool isDamaged = slot.Direction == DataDirection.HostToController && !slot.Data.Span.SequenceEqual(
            Pattern.Make(slot.Data.Length, seed));
        if (isDamaged)
            slot.Complete(NvmeStatus.WriteFault);
        else
            Queue.Finish(slot);
    }

    private void RunUntil(Func<bool> condition)
    {
        while (!condition())
            Assert.True(Step(), "Nothing moves any more.");
    }

    private int NextPiece() => _pieces[_turn++ % _pieces.Length];

    private bool Take(IByteConnection from, List<byte> pipe)
    {
        if (!from.WantsTransmit)
            return false;
        _batch.Clear();
        from.FillTransmit(_batch);
        long left = Math.Min(NextPiece(), _batch.TotalBytes);
        long count = left;
        foreach (ReadOnlyMemory<byte> segment in _batch.Segments)
        {
            int taken = (int)Math.Min(left, segment.Length);
            pipe.AddRange(segment.Span[..taken]);
            left -= taken;
        }
        from.Transmitted(count);
        return count > 0;
    }

    private bool HandOn(IByteConnection to, List<byte> pipe)
    {
        int count = Math.Min(NextPiece(), pipe.Count);
        if (count == 0 || !to.WantsReceive)
            return false;
        byte[] bytes = [.. pipe.Take(count)];
        pipe.RemoveRange(0, count);
        int direct = _turn % 2 == 0 ? Math.Min(to.DirectReceive.Length, count) : 0;
        if (direct > 0)
        {
            bytes.AsSpan(0, direct).CopyTo(to.DirectReceive.Span);
            to.ReceivedDirect(direct);
        }
        if (direct < count)
            to.Received(bytes.AsMemory(direct));
        return true;
    }
}
