namespace ManagedNvmet.Protocol.Tests;

/// <summary>The connection ends in each way while a command is in each state. Each buffer and slot is returned exactly once.</summary>
public sealed class CloseTests
{
    private static readonly string[] Situations =
    [
        "nothing sent", "ICReq half sent", "initialized", "Connect half sent", "Connect executing", "live",
        "waiting for a buffer", "stream stopped", "R2T queued", "R2T half sent", "granted", "data half received",
        "in-capsule data half received",
        "executing", "answer queued", "first data PDU half sent", "between data PDUs", "response half sent", "doomed",
    ];

    private static readonly string[] Ends =
        ["peer closed", "closed", "closed after sending", "peer terminated", "fault", "fault, then peer closed", "hand-shake timer"];

    public static MatrixTheoryData<string, string> Cases => new(Situations, Ends);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Everything_comes_back_once(string situation, string end)
    {
        var buffers = new TestBuffers(ioBuffers: situation is "waiting for a buffer" or "stream stopped" ? 0 : 16);
        var harness = new ControllerHarness(new ConnectionLimits { MaxC2HDataBytes = 4096, MaxH2CDataBytes = 4096 }, buffers);
        Reach(harness, situation);
        Assert.True(harness.Connection.IsOpen);
        End(harness, situation, end);
        harness.SendLimit = null;
        harness.HoldsOutput = false;
        harness.Settle();

        // Commands in execution complete, and their responses are dropped.
        harness.Queue.FinishHeld();
        harness.Settle();
        Assert.Equal(0, harness.Buffers.Rented);
        Assert.Equal(0, harness.Connection.OutstandingCommands);
        Assert.Equal(0, harness.Buffers.Waiters);
        bool isOver = end != "hand-shake timer"
            || situation is "nothing sent" or "ICReq half sent" or "initialized" or "Connect half sent" or "Connect executing";
        Assert.Equal(isOver ? 1 : 0, harness.Queue.CloseReasons.Count);
        harness.Advance(30_000);
        Assert.Equal(isOver, harness.Connection.IsFinished);
        Assert.Equal(isOver, harness.Connection.CloseReason != CloseReason.None);
        Assert.False(harness.Connection.WantsTransmit);
        harness.Connection.PeerClosed();
        Assert.Single(harness.Queue.CloseReasons);
    }

    private static void Reach(ControllerHarness harness, string situation)
    {
        harness.Queue.ConnectExecute = situation == "Connect executing" ? harness.Queue.Held.Add : null;
        byte[] connect = Pdus.Capsule(Entries.Connect(0xC0, 1), Entries.ConnectData());
        switch (situation)
        {
            case "nothing sent":
                return;
            case "ICReq half sent":
                harness.Send(Pdus.InitializeRequest().AsSpan(0, 60));
                return;
            case "initialized":
                harness.Initialize();
                return;
            case "Connect half sent":
                harness.Initialize().Send(connect.AsSpan(0, 500));
                return;
            case "Connect executing":
                harness.Initialize().Send(connect);
                return;
            default:
                harness.Connect();
                break;
        }
        switch (situation)
        {
            case "waiting for a buffer":
                harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 64)));
                harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 2, 64)));
                break;
            case "stream stopped":
                harness.Send(Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), new byte[64]));
                break;
            case "R2T queued":
                harness.HoldsOutput = true;
                harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 64)));
                break;
            case "R2T half sent":
                Send(harness, Entries.Transfer(Entries.Write, 1, 64), 10);
                break;
            case "granted":
            case "data half received":
            case "doomed":
                harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 64)));
                if (situation == "data half received")
                    harness.Send(Pdus.HostData(1, 0, 0, new byte[64], true).AsSpan(0, 40));
                if (situation == "doomed")
                    Assert.True(harness.Connection.Find(1)!.TryAbort(NvmeStatus.CommandAborted));
                break;
            case "in-capsule data half received":
                harness.Send(Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), new byte[64]).AsSpan(0, 100));
                break;
            case "executing":
                harness.Queue.HoldsExecution = true;
                harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));
                harness.Send(Pdus.Capsule(Entries.InCapsule(Entries.Write, 2, 64), new byte[64]));
                harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 3, 0)));
                break;
            case "answer queued":
                harness.HoldsOutput = true;
                harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));
                break;
            case "first data PDU half sent":
                Send(harness, Entries.Transfer(Entries.Read, 1, 8192), 1000);
                break;
            case "between data PDUs":
                Send(harness, Entries.Transfer(Entries.Read, 1, 8192), 4096 + 24);
                break;
            case "response half sent":
                Send(harness, Entries.Transfer(Entries.Flush, 1, 0), 10);
                break;
            default:
                break;
        }
    }

    /// <summary>Sends a command and lets the controller send this many bytes of the response.</summary>
    private static void Send(ControllerHarness harness, SubmissionEntry entry, long bytes)
    {
        long left = bytes;
        harness.SendLimit = total =>
        {
            long taken = Math.Min(left, total);
            left -= taken;
            return taken;
        };
        harness.Send(Pdus.Capsule(entry));
        Assert.True(harness.Connection.WantsTransmit);
    }

    private static void End(ControllerHarness harness, string situation, string end)
    {
        // In the middle of a PDU the host's next bytes belong to this PDU, so that the host can only close the connection.
        bool isMidPdu = situation is "stream stopped"
            || (situation.Contains("half sent") && situation[0] is 'I' or 'C')
            || situation.Contains("half received");
        switch (end)
        {
            case "closed":
                harness.Connection.Close(CloseReason.ServerStopping);
                break;
            case "closed after sending":
                harness.Connection.CloseAfterSending(CloseReason.ServerStopping);
                break;
            case "peer terminated" when !isMidPdu:
                harness.Send(Pdus.HostTermination(2, 0, new byte[24]));
                break;
            case "fault" or "fault, then peer closed" when !isMidPdu:
                harness.Send([0xFF, 0, 24, 0, 24, 0, 0, 0]);
                if (end != "fault")
                    harness.Connection.PeerClosed();
                break;
            case "hand-shake timer":
                harness.Advance(10_000);
                if (harness.Connection.IsOpen)
                    Finish(harness, situation);
                break;
            default:
                harness.Connection.PeerClosed();
                break;
        }
    }

    /// <summary>Continues as the host when no deadline was due, so that the command completes.</summary>
    private static void Finish(ControllerHarness harness, string situation)
    {
        harness.SendLimit = null;
        harness.HoldsOutput = false;
        harness.Buffers.AddIo(16);
        harness.Settle();
        switch (situation)
        {
            case "data half received":
                harness.Send(Pdus.HostData(1, 0, 0, new byte[64], true).AsSpan(40));
                break;
            case "in-capsule data half received":
                harness.Send(Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), new byte[64]).AsSpan(100));
                break;
            case "R2T queued" or "R2T half sent" or "granted" or "doomed" or "waiting for a buffer":
                harness.Send(Pdus.HostData(1, 0, 0, new byte[64], true));
                break;
            default:
                break;
        }
    }
}
