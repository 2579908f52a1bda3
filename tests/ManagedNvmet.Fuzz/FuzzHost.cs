namespace ManagedNvmet.Fuzz;

/// <summary>A host's end with commands outstanding, whose controller is the fuzzer.</summary>
internal sealed class FuzzHost
{
    private readonly HostConnection connection;
    private readonly TestTransport transport = new(new TestClock());
    private readonly TransmitBatch batch = new();
    private readonly List<FuzzCommand> commands = [];
    private int closes;
    private int resubmits = 8;

    public FuzzHost(int digests)
    {
        connection = new HostConnection(transport, new HostConnectionOptions
        {
            HeaderDigest = (digests & 1) != 0,
            DataDigest = (digests & 2) != 0,
            QueueDepth = 8,
            InCapsuleBytes = 128,
        }, transport.Now);
        connection.OnClosed = _ => closes++;
        Send();
        connection.Received(Pdus.InitializeRequest(digests: (byte)digests).With(0, 1).With32(12, 4096));
        FuzzTargets.Require(connection.CanSubmit, "the hand-shake failed");
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
            if (connection.WantsReceive)
                connection.Received(part);

            // Little goes out at a time, so that answers come in the middle of PDUs.
            Send(limit: 100);
        }
        Send();
    }

    public void End()
    {
        connection.PeerClosed();
        connection.Close(CloseReason.AssociationEnded);
        Send();
        FuzzTargets.Require(closes == 1, "the end was not told once");
        FuzzTargets.Require(connection.IsFinished, "the connection is not finished");
        foreach (FuzzCommand command in commands)
            FuzzTargets.Require(command.Submits == command.Completions, "a command was not completed exactly once");
    }

    private void Submit(FuzzCommand command, byte opcode, int bytes)
    {
        command.Entry = Entries.Transfer(opcode, 0, 0);
        command.Data = new byte[bytes];
        command.Submits++;
        commands.Add(command);
        FuzzTargets.Require(connection.TrySubmit(command), "the queue is full");
    }

    private void OnCompleted(FuzzCommand command)
    {
        FuzzTargets.Require(++command.Completions == command.Submits, "a command was completed twice");
        if (resubmits == 0 || !connection.CanSubmit)
            return;
        resubmits--;
        command.Submits++;
        command.Data = new byte[command.Data.Length / 2];
        connection.TrySubmit(command);
    }

    private void Send(int limit = int.MaxValue)
    {
        while (connection.WantsTransmit && limit > 0)
        {
            batch.Clear();
            connection.FillTransmit(batch);
            long count = Math.Min(batch.TotalBytes, limit);
            limit -= (int)count;
            connection.Transmitted(count);
        }
    }

    private sealed class FuzzCommand(FuzzHost host) : HostCommand
    {
        public int Submits { get; set; }

        public int Completions { get; set; }

        protected override void OnCompleted() => host.OnCompleted(this);
    }
}
