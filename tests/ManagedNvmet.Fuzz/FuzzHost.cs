namespace ManagedNvmet.Fuzz;

/// <summary>The host's end of a connection with outstanding commands. The fuzzer plays the controller.</summary>
internal sealed class FuzzHost
{
    private readonly HostConnection _connection;
    private readonly TestTransport _transport = new(new TestClock());
    private readonly TransmitBatch _batch = new();
    private readonly List<FuzzCommand> _commands = [];
    private int _closes;
    private int _resubmits = 8;

    public FuzzHost(int digests)
    {
        _connection = new HostConnection(_transport, new HostConnectionOptions
        {
            HeaderDigest = (digests & 1) != 0,
            DataDigest = (digests & 2) != 0,
            QueueDepth = 8,
            InCapsuleBytes = 128,
        }, _transport.Now);
        _connection.OnClosed = _ => _closes++;
        Send();
        _connection.Received(Pdus.InitializeRequest(digests: (byte)digests).With(0, 1).With32(12, 4096));
        FuzzTargets.Require(_connection.CanSubmit, "the hand-shake failed");
        Submit(new FuzzCommand(this), Entries.Read, 64);
        Submit(new FuzzCommand(this), Entries.Write, 64);
        Submit(new FuzzCommand(this), Entries.Write, 9000);
        Submit(new FuzzCommand(this), Entries.Read, 9000);
        Submit(new FuzzCommand(this), Entries.Flush, 0);
        Send();
    }

    public void Feed(byte[] stream)
    {
        int cut = stream.Length / 3;
        foreach (byte[] part in new[] { stream[..cut], stream[cut..] })
        {
            if (_connection.WantsReceive)
                _connection.Received(part);

            // Sends little at a time, so that responses arrive in the middle of sent PDUs.
            Send(limit: 100);
        }
        Send();
    }

    public void End()
    {
        _connection.PeerClosed();
        _connection.Close(CloseReason.AssociationEnded);
        Send();
        FuzzTargets.Require(_closes == 1, "the end was not told once");
        FuzzTargets.Require(_connection.IsFinished, "the connection is not finished");
        foreach (FuzzCommand command in _commands)
            FuzzTargets.Require(command.Submits == command.Completions, "a command was not completed exactly once");
    }

    private void Submit(FuzzCommand command, byte opcode, int bytes)
    {
        command.Entry = Entries.Transfer(opcode, 0, 0);
        command.Data = new byte[bytes];
        command.Submits++;
        _commands.Add(command);
        FuzzTargets.Require(_connection.TrySubmit(command), "the queue is full");
    }

    private void OnCompleted(FuzzCommand command)
    {
        FuzzTargets.Require(++command.Completions == command.Submits, "a command was completed twice");
        if (_resubmits == 0 || !_connection.CanSubmit)
            return;
        _resubmits--;
        command.Submits++;
        command.Data = new byte[command.Data.Length / 2];
        _connection.TrySubmit(command);
    }

    private void Send(int limit = int.MaxValue)
    {
        while (_connection.WantsTransmit && limit > 0)
        {
            _batch.Clear();
            _connection.FillTransmit(_batch);
            long count = Math.Min(_batch.TotalBytes, limit);
            limit -= (int)count;
            _connection.Transmitted(count);
        }
    }

    private sealed class FuzzCommand(FuzzHost host) : HostCommand
    {
        public int Submits { get; set; }

        public int Completions { get; set; }

        protected override void OnCompleted() => host.OnCompleted(this);
    }
}
