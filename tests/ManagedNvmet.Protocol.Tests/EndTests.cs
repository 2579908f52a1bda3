namespace ManagedNvmet.Protocol.Tests;

/// <summary>The ways in which a connection ends: a fault of the peer, a termination request of the peer, a timeout, or a close by this
/// side.</summary>
public sealed class EndTests
{
    private static readonly byte[] BadPdu = Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0)).With(0, 0xFF);

    [Fact]
    public void After_a_fault_the_host_has_30_seconds_to_close()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Send(BadPdu);
        harness.Expect(PduType.C2HTermReq);
        harness.Advance(29_999);
        Assert.False(harness.Connection.IsFinished);
        harness.Advance(1);
        Assert.True(harness.Connection.IsFinished);
        Assert.Equal(long.MaxValue, harness.Connection.Deadline);
        Assert.Equal([CloseReason.ProtocolError], harness.Queue.CloseReasons);
        Assert.Equal(CloseReason.ProtocolError, harness.Connection.CloseReason);
    }

    [Fact]
    public void A_fault_that_cannot_be_told_ends_after_30_seconds_too()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.HoldsOutput = true;
        harness.Send(BadPdu);
        harness.Advance(30_000);
        Assert.True(harness.Connection.IsFinished);
        Assert.False(harness.Connection.WantsTransmit);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(24)]
    [InlineData(128)]
    public void The_farewell_of_a_host_is_heard_and_not_answered(int copied)
    {
        ControllerHarness harness = new ControllerHarness().Connect(digests: 3);
        int before = harness.Output.Count;
        harness.Send(Pdus.HostTermination(5, 0x01020304, new byte[copied]));
        Assert.Equal(new PduError(FatalErrorStatus.LimitExceeded, 0x01020304), harness.Connection.Error);
        ExpectSilentEnd(harness, before);
    }

    [Theory]
    [InlineData(23u)]
    [InlineData(0u)]
    [InlineData(153u)]
    [InlineData(0xFFFFFFFFu)]
    public void A_malformed_farewell_closes_without_a_word(uint length)
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        int before = harness.Output.Count;
        harness.Send(Pdus.HostTermination(1, 0, new byte[24]).With32(4, length));
        ExpectSilentEnd(harness, before);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(23)]
    [InlineData(128)]
    public void A_farewell_with_a_wrong_header_length_closes_without_a_word(byte headerLength)
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        int before = harness.Output.Count;
        harness.Send(Pdus.HostTermination(1, 0).With(2, headerLength));
        ExpectSilentEnd(harness, before);
    }

    [Fact]
    public void A_farewell_before_the_hand_shake_closes_without_a_word()
    {
        var harness = new ControllerHarness();
        harness.Send(Pdus.HostTermination(1, 0));
        ExpectSilentEnd(harness, 0);
    }

    [Fact]
    public void A_host_that_says_nothing_is_closed_after_the_hand_shake_time()
    {
        var harness = new ControllerHarness();
        harness.Send(Pdus.InitializeRequest().AsSpan(0, 127));
        harness.Advance(9_999);
        Assert.True(harness.Connection.IsOpen);
        harness.Advance(1);
        Assert.True(harness.Connection.IsFinished);
        Assert.Equal([CloseReason.HandshakeTimeout], harness.Queue.CloseReasons);
        Assert.Empty(harness.Output);
    }

    [Fact]
    public void One_byte_at_a_time_does_not_stretch_the_hand_shake()
    {
        var harness = new ControllerHarness();
        foreach (byte next in Pdus.InitializeRequest().AsSpan(0, 100))
        {
            harness.Send([next]);
            harness.Advance(100);
        }
        Assert.True(harness.Connection.IsFinished);
    }

    [Fact]
    public void A_host_that_does_not_connect_is_closed_after_the_hand_shake_time()
    {
        var harness = new ControllerHarness();
        harness.Advance(9_000);
        harness.Initialize();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0)));
        harness.Advance(9_999);
        Assert.True(harness.Connection.IsOpen);
        harness.Advance(1);
        Assert.True(harness.Connection.IsFinished);
        Assert.Equal([CloseReason.HandshakeTimeout], harness.Queue.CloseReasons);
    }

    [Fact]
    public void A_connected_queue_has_no_deadline_but_its_handlers()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        Assert.Equal(long.MaxValue, harness.Connection.Deadline);
        harness.Queue.Deadline = harness.Clock.Now + 5;
        Assert.Equal(harness.Clock.Now + 5, harness.Connection.Deadline);
        harness.Advance(4);
        Assert.Equal(0, harness.Queue.Timers);
        harness.Advance(1);
        Assert.Equal(1, harness.Queue.Timers);
        harness.Connection.Close(CloseReason.AssociationEnded);
        Assert.Equal(long.MaxValue, harness.Connection.Deadline);
    }

    [Fact]
    public void A_PDU_that_is_half_sent_is_finished_before_the_farewell()
    {
        // For each number of bytes sent before the fault, a strict host can still parse the stream.
        int whole = RunHalfSent(int.MaxValue, out _);
        for (int sent = 0; sent <= whole; sent++)
        {
            RunHalfSent(sent, out ControllerHarness harness);
            Assert.Equal(PduType.C2HTermReq, harness.Read()[^1].Type);
            Assert.Equal(0, harness.Buffers.Rented);
            Assert.Equal(0, harness.Connection.OutstandingCommands);
        }
    }

    [Fact]
    public void A_connection_that_ends_after_sending_sends_what_is_queued_and_nothing_more()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.HoldsOutput = true;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 2, 64)));
        harness.Queue.HoldsExecution = true;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 3, 64)));
        harness.Connection.CloseAfterSending(CloseReason.Refused);
        Assert.Equal([CloseReason.Refused], harness.Queue.CloseReasons);
        Assert.False(harness.Connection.IsFinished);
        harness.Queue.FinishHeld();
        harness.HoldsOutput = false;
        harness.Settle();
        Assert.True(harness.Connection.IsFinished);
        Assert.Equal([PduType.C2HData, PduType.CapsuleResp, PduType.R2T], harness.Read().Select(pdu => pdu.Type));
        Assert.Equal(0, harness.Buffers.Rented);
        Assert.Equal(0, harness.Connection.OutstandingCommands);
        Assert.Single(harness.Queue.CloseReasons);
    }

    [Fact]
    public void A_host_that_does_not_read_delays_the_end_by_a_second_at_most()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.HoldsOutput = true;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));
        harness.Connection.CloseAfterSending(CloseReason.Refused);
        harness.Advance(999);
        Assert.False(harness.Connection.IsFinished);
        harness.Advance(1);
        Assert.True(harness.Connection.IsFinished);
        Assert.Equal(0, harness.Buffers.Rented);
        Assert.Equal([CloseReason.Refused], harness.Queue.CloseReasons);
    }

    [Fact]
    public void Nothing_begins_to_execute_once_the_connection_is_to_end_after_sending()
    {
        var harness = new ControllerHarness(buffers: new TestBuffers(ioBuffers: 1));
        harness.Connect();
        harness.HoldsOutput = true;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 2, 64)));
        Assert.Equal(1, harness.Buffers.Waiters);
        harness.Connection.CloseAfterSending(CloseReason.ServerStopping);
        harness.Buffers.AddIo(1);
        harness.HoldsOutput = false;
        harness.Settle();
        Assert.True(harness.Connection.IsFinished);
        Assert.Equal(0, harness.Buffers.Waiters);
        Assert.Equal(0, harness.Buffers.Rented);
        Assert.Equal(0, harness.Connection.OutstandingCommands);
    }

    [Fact]
    public void Ending_twice_is_told_once()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Connection.Close(CloseReason.KeepAliveTimeout);
        harness.Connection.Close(CloseReason.ServerStopping);
        harness.Connection.PeerClosed();
        harness.Connection.CloseAfterSending(CloseReason.Refused);
        Assert.Equal([CloseReason.KeepAliveTimeout], harness.Queue.CloseReasons);
        Assert.Equal(CloseReason.KeepAliveTimeout, harness.Connection.CloseReason);
    }

    [Fact]
    public void A_connection_that_is_over_is_not_brought_back_by_a_Connect_that_ends_late()
    {
        ControllerHarness harness = new ControllerHarness().Initialize();
        CommandSlot? connect = null;
        harness.Queue.ConnectExecute = slot => connect = slot;
        harness.Send(Pdus.Capsule(Entries.Connect(1), Entries.ConnectData()));
        Assert.NotNull(connect);
        harness.Connection.PeerClosed();
        harness.Connection.Establish(isAdmin: true, entries: 32, isFlowControlled: true);
        connect.Complete(NvmeStatus.Success);
        Assert.False(harness.Connection.IsOpen);
        Assert.True(harness.Connection.IsFinished);
        Assert.Equal(0, harness.Buffers.Rented);
        Assert.Equal(0, harness.Connection.OutstandingCommands);
    }

    private static int RunHalfSent(int count, out ControllerHarness harness)
    {
        // The output is a read in three data PDUs with its response, an R2T, and one more response.
        harness = new ControllerHarness(new ConnectionLimits { MaxC2HDataBytes = 4096, MaxH2CDataBytes = 4096 }, hpda: 9).Connect(3);
        harness.HoldsOutput = true;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 8200), digests: 3));
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 2, 64), digests: 3));
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 3, 0), digests: 3));
        int before = harness.Output.Count;
        long left = count;
        harness.SendLimit = total =>
        {
            long taken = Math.Min(total, left);
            left -= taken;
            return taken;
        };
        harness.HoldsOutput = false;
        harness.Settle();
        int sent = harness.Output.Count - before;
        harness.Send(BadPdu);
        harness.SendLimit = null;
        harness.Settle();
        return sent;
    }

    private static void ExpectSilentEnd(ControllerHarness harness, int before)
    {
        Assert.Equal(before, harness.Output.Count);
        Assert.True(harness.Connection.IsFinished);
        Assert.Equal([CloseReason.PeerTerminated], harness.Queue.CloseReasons);
        Assert.Equal(0, harness.Buffers.Rented);
    }
}
