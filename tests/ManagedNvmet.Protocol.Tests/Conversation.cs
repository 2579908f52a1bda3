namespace ManagedNvmet.Protocol.Tests;

/// <summary>The bytes that a host sends, in steps. After each step the host receives everything that the controller sends.</summary>
public sealed class Conversation(int digests, byte hpda, IReadOnlyList<byte[]> steps)
{
    public static readonly ConnectionLimits Limits = new() { MaxC2HDataBytes = 4096, MaxH2CDataBytes = 4096 };

    public int Digests => digests;

    public byte Hpda => hpda;

    public IReadOnlyList<byte[]> Steps => steps;

    /// <summary>Returns a conversation with all PDU types of a host that reaches all paths of receiver and transmitter: Connect, a command
    /// without data, reads in one and in several PDUs, in-capsule writes with little and much padding, writes in 1 to 4 data PDUs, and two
    /// commands in one step.</summary>
    public static Conversation EveryPduType(int digests, byte hpda)
    {
        var steps = new List<byte[]>
        {
            Pdus.InitializeRequest(hpda, (byte)digests),
            Pdus.Capsule(Entries.Connect(0xC0, 1), Entries.ConnectData()[..], digests),
            Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0), default, digests),
            Pdus.Capsule(Entries.Transfer(Entries.Read, 2, 512, 9), default, digests),
            Pdus.Capsule(Entries.Transfer(Entries.Read, 3, 8704, 10), default, digests),
            Pdus.Capsule(Entries.InCapsule(Entries.Write, 4, 64), Pattern.Make(64, 4), digests),
            Pdus.Capsule(Entries.InCapsule(Entries.Write, 5, 68), Pattern.Make(68, 5), digests, dataOffset: 80),
            Pdus.Capsule(Entries.InCapsule(Entries.Write, 6, 20), Pattern.Make(20, 6), digests, dataOffset: 128),
        };
        for (int pieces = 1; pieces <= 4; pieces++)
            AddWrite(steps, (ushort)(0x100 + pieces), pieces, digests);
        steps.Add([
            .. Pdus.Capsule(Entries.InCapsule(Entries.Write, 7, 12), Pattern.Make(12, 7), digests),
            .. Pdus.Capsule(Entries.Transfer(Entries.Read, 8, 12), default, digests)]);
        steps.Add(Pdus.HostTermination(2, 0, new byte[24]));
        return new Conversation(digests, hpda, steps);
    }

    /// <summary>Runs the conversation with each step in one piece, and returns the output of the controller.</summary>
    public byte[] Run() => Run((harness, step) => harness.Send(steps[step]));

    /// <param name="send">Sends one step and runs all work that follows.</param>
    /// <param name="prepare">Prepares the controller before the first step.</param>
    public byte[] Run(Action<ControllerHarness, int> send, Action<ControllerHarness>? prepare = null)
    {
        var harness = new ControllerHarness(Limits, hpda: hpda);
        prepare?.Invoke(harness);
        for (int step = 0; step < steps.Count; step++)
            send(harness, step);
        harness.Read();
        Assert.Equal(0, harness.Buffers.Rented);
        Assert.Equal(0, harness.Connection.OutstandingCommands);
        Assert.Equal([CloseReason.PeerTerminated], harness.Queue.CloseReasons);
        Assert.Equal(3 + 4 + 1, harness.Queue.Writes.Count);
        return [.. harness.Output];
    }

    private static void AddWrite(List<byte[]> steps, ushort commandId, int pieces, int digests)
    {
        const int bytes = 384;
        byte[] data = Pattern.Make(bytes, commandId);
        steps.Add(Pdus.Capsule(Entries.Transfer(Entries.Write, commandId, bytes), default, digests));
        var answer = new List<byte>();
        for (int piece = 0; piece < pieces; piece++)
        {
            int start = bytes / pieces / 4 * 4 * piece;
            int end = piece == pieces - 1 ? bytes : bytes / pieces / 4 * 4 * (piece + 1);
            int padding = (digests & 1) != 0 ? 28 : 24;
            answer.AddRange(
                Pdus.HostData(commandId, 0, start, data.AsSpan(start..end), piece == pieces - 1, digests, padding + (piece * 12)));
        }
        steps.Add([.. answer]);
    }
}
