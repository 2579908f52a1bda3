using System.Text;

namespace ManagedNvmet.Protocol.Tests;

/// <summary>Prints the controller's reaction to each PDU type in each state. A review shows a change of the matrix as a change of the
/// snapshot.</summary>
public sealed class StateMatrixTests
{
    private const string SnapshotFile = "state-matrix.snapshot.txt";

    private static readonly (string Name, Action<ControllerHarness> Reach)[] States =
    [
        ("awaiting ICReq", _ => { }),
        ("awaiting Connect", harness => harness.Initialize()),
        ("Connect executing", harness =>
        {
            harness.Queue.ConnectExecute = harness.Queue.Held.Add;
            harness.Initialize().Send(Pdus.Capsule(Entries.Connect(0xC0, 1), Entries.ConnectData()));
        }),
        ("live", harness => harness.Connect()),
        ("live, write granted", harness => harness.Connect().Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 64)))),
        ("live, write executing", harness =>
        {
            harness.Connect().Queue.HoldsExecution = true;
            harness.Send(Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), new byte[64]));
        }),
        ("live, queue full", harness =>
        {
            harness.Connect(queueSize: 1).Queue.HoldsExecution = true;
            harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 8, 0)));
            harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 9, 0)));
        }),
        ("terminating", harness => harness.Connect().Send([0xFF, 0, 0, 0, 0, 0, 0, 0])),
        ("closing after sending", harness =>
        {
            harness.Connect().HoldsOutput = true;
            harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 8, 0)));
            harness.Connection.CloseAfterSending(CloseReason.Refused);
        }),
        ("closed", harness => harness.Connect().Connection.Close(CloseReason.PeerClosed)),
    ];

    private static readonly (string Name, byte[] Bytes)[] Inputs =
    [
        ("ICReq", Pdus.InitializeRequest()),
        ("H2CTermReq", Pdus.HostTermination(1, 0, new byte[8])),
        ("CapsuleCmd Connect", Pdus.Capsule(Entries.Connect(2), Entries.ConnectData())),
        ("CapsuleCmd Flush", Pdus.Capsule(Entries.Transfer(Entries.Flush, 2, 0))),
        ("CapsuleCmd Write", Pdus.Capsule(Entries.Transfer(Entries.Write, 2, 64))),
        ("CapsuleCmd same CID", Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0))),
        ("H2CData CID 1 TTAG 0", Pdus.HostData(1, 0, 0, new byte[64], true)),
        ("H2CData CID 1 TTAG 1", Pdus.HostData(1, 1, 0, new byte[64], true)),
        ("ICResp", Pdus.InitializeRequest().With(0, 1)),
        ("C2HTermReq", Pdus.HostTermination(1, 0, new byte[8]).With(0, 3)),
        ("CapsuleResp", [5, 0, 24, 0, 24, 0, 0, 0, .. new byte[16]]),
        ("C2HData", Pdus.HostData(1, 0, 0, new byte[64], true).With(0, 7)),
        ("R2T", [9, 0, 24, 0, 24, 0, 0, 0, .. new byte[16]]),
        ("reserved type 08h", [8, 0, 24, 0, 24, 0, 0, 0, .. new byte[16]]),
        ("end of stream", []),
        ("10 seconds", []),
    ];

    [Fact]
    public void The_matrix_is_the_one_that_was_reviewed()
    {
        string actual = Print();
        string path = Path.Combine(AppContext.BaseDirectory, SnapshotFile);
        string expected = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        if (expected != actual)
            File.WriteAllText(path + ".actual", actual);
        Assert.Equal(expected, actual);
    }

    private static string Print()
    {
        var text = new StringBuilder();
        foreach ((string state, Action<ControllerHarness> reach) in States)
        {
            text.Append(state).Append('\n');
            foreach ((string input, byte[] bytes) in Inputs)
            {
                var harness = new ControllerHarness();
                reach(harness);
                harness.HoldsOutput = false;
                if (state != "closing after sending")
                    harness.Settle();
                int held = harness.Queue.Held.Count;
                if (state == "closing after sending")
                    harness.HoldsOutput = true;
                harness.Read();
                if (input == "end of stream")
                    harness.Connection.PeerClosed();
                else if (input == "10 seconds")
                    harness.Advance(10_000);
                else
                    harness.Send(bytes);
                List<string> effects = [.. harness.Read().Select(pdu => pdu.ToString())];
                if (harness.Queue.Held.Count > held)
                    effects.Add("executes");
                if (effects.Count == 0)
                    effects.Add(harness.UntakenBytes > 0 ? "not read" : "nothing sent");
                string end = harness.Connection.IsOpen
                    ? "open"
                    : $"{harness.Connection.CloseReason}{(harness.Connection.IsFinished ? ", closed" : "")}";
                text.Append($"  {input,-22} {string.Join("; ", effects)} → {end}\n");
            }
        }
        return text.ToString();
    }
}
