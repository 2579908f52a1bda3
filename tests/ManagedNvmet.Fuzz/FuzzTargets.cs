namespace ManagedNvmet.Fuzz;

/// <summary>A function to fuzz.</summary>
public delegate void FuzzTarget(ReadOnlySpan<byte> input);

/// <summary>The fuzz targets. Each is a function of bytes that throws when an invariant does not hold.</summary>
public static class FuzzTargets
{
    public static IReadOnlyDictionary<string, FuzzTarget> All { get; } = new Dictionary<string, FuzzTarget>
    {
        ["controller"] = input => FeedController(input, digests: 0),
        ["controller-digests"] = input => FeedController(input, digests: 3),
        ["host"] = input => FeedHost(input, digests: 0),
        ["host-digests"] = input => FeedHost(input, digests: 3),
        ["hand-shake"] = FeedHandshake,
        ["nqn-field"] = ReadName,
        ["conversation"] = ConversationTarget.Run,
        ["target"] = TargetConversation.Run,
        ["mdns-message"] = MdnsTarget.ReadMessage,
        ["mdns-responder"] = MdnsTarget.FeedResponder,
    };

    /// <summary>Interprets the input as a host's byte stream after Connect.</summary>
    private static void FeedController(ReadOnlySpan<byte> input, int digests)
    {
        var harness = new ControllerHarness(
            new ConnectionLimits { MaxH2CDataBytes = 4096, MaxC2HDataBytes = 4096, MaxTransferBytes = 65536 },
            new TestBuffers(ioBuffers: 4, inCapsuleReserve: 1));
        harness.Connect(digests, queueSize: 7);
        harness.Queue.HoldsExecution = input.Length % 3 == 0;
        byte[] stream = Digests.MakeRight(input, digests);
        int cut = stream.Length == 0 ? 0 : stream[0] % (stream.Length + 1);
        harness.Send(stream.AsSpan(0, cut));
        harness.Send(stream.AsSpan(cut));
        harness.Queue.FinishHeld();
        harness.Settle();
        CheckEnd(harness);
    }

    private static void FeedHandshake(ReadOnlySpan<byte> input)
    {
        // The strict reader must know the HPDA that the input sends.
        byte hpda = input.Length > 10 && input[10] < 32 ? input[10] : (byte)0;
        var harness = new ControllerHarness(hpda: hpda);
        harness.Send(input);
        harness.Advance(10_000);
        harness.Advance(30_000);
        if (input.Length == 0 || harness.Connection.CloseReason == CloseReason.HandshakeTimeout)
            Require(harness.Connection.IsFinished, "the hand-shake never times out");
        CheckEnd(harness);
    }

    private static void FeedHost(ReadOnlySpan<byte> input, int digests)
    {
        var host = new FuzzHost(digests);
        host.Feed(Digests.MakeRight(input, digests));
        host.End();
    }

    private static void ReadName(ReadOnlySpan<byte> input)
    {
        Span<byte> field = stackalloc byte[Nqn.FieldBytes];
        input[..Math.Min(input.Length, field.Length)].CopyTo(field);
        if (!Nqn.TryReadField(field, out Nqn? nqn))
            return;
        Span<byte> again = stackalloc byte[Nqn.FieldBytes];
        nqn.WriteField(again);
        int length = field.IndexOf((byte)0);
        Require(
            again[..length].SequenceEqual(field[..length]) && !again[length..].ContainsAnyExcept((byte)0),
            "a name changes on its way through");
        Require(Nqn.TryReadField(again, out Nqn? same) && same.Equals(nqn), "a name is not read back as itself");
        Require(length <= Nqn.MaxBytes, "a name is too long");
    }

    /// <summary>Closes the connection if it is still open. Then checks that all resources were returned and all output was valid.</summary>
    internal static void CheckEnd(ControllerHarness harness)
    {
        harness.Read();
        harness.Connection.PeerClosed();
        harness.Queue.FinishHeld();
        harness.Settle();
        harness.Read();
        Require(harness.Connection.IsFinished, "the connection is not finished");
        Require(harness.Connection.OutstandingCommands == 0, "a slot is lost");
        Require(harness.Buffers.Rented == 0, "a buffer is lost");
        Require(harness.Buffers.Waiters == 0, "a closed connection still waits for buffers");
        Require(harness.Queue.CloseReasons.Count == 1, "the end was not told once");
        Require(harness.Buffers.LargestRent <= 1024 * 1024, "a buffer is larger than the limit");
    }

    internal static void Require(bool condition, string problem)
    {
        if (!condition)
            throw new InvalidOperationException($"An invariant does not hold: {problem}.");
    }
}
