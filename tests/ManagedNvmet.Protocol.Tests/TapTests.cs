namespace ManagedNvmet.Protocol.Tests;

/// <summary>A tap sees exactly the PDUs of the connection, wherever the stream is split.</summary>
public sealed class TapTests
{
    [Theory]
    [InlineData(0, 0, 1, false)]
    [InlineData(0, 0, 100_000, true)]
    [InlineData(1, 0, 7, false)]
    [InlineData(2, 3, 13, true)]
    [InlineData(3, 31, 1000, false)]
    [InlineData(3, 31, 1, true)]
    public void All_that_is_received_and_sent_is_shown_once_and_whole(int digests, byte hpda, int piece, bool usesDirectReceive)
    {
        var tap = new RecordingTap();
        var harness = new ControllerHarness(new ConnectionLimits { MaxC2HDataBytes = 4096, MaxH2CDataBytes = 4096 }, hpda: hpda)
        {
            SendLimit = total => Math.Min(total, piece),
            UsesDirectReceive = usesDirectReceive,
        };
        harness.Connection.AddTap(tap);
        List<byte> fed = [];
        void Send(byte[] pdu)
        {
            fed.AddRange(pdu);
            foreach (byte[] part in pdu.Chunk(piece))
                harness.Send(part);
        }
        Send(Pdus.InitializeRequest(hpda, (byte)digests));
        Send(Pdus.Capsule(Entries.Connect(0xC0, 1, 31), Entries.ConnectData(), digests));
        Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 10_000, 3), digests: digests));
        Send(Pdus.Capsule(Entries.InCapsule(Entries.Write, 2, 512), new byte[512], digests, dataOffset: 128));
        Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 3, 6000), digests: digests));
        byte tag = (byte)harness.Connection.Find(3)!.Index;
        Assert.Equal(3, harness.Connection.FindByTransferTag(tag)!.Entry.CommandId);
        Send(Pdus.HostData(3, tag, 0, new byte[4096], isLast: true, digests, dataOffset: 128));
        Send(Pdus.HostData(3, tag, 4096, new byte[1904], isLast: true, digests));

        Assert.Null(harness.Connection.FindByTransferTag(tag));
        Assert.Null(harness.Connection.FindByTransferTag(ushort.MaxValue));
        Assert.Equal(fed, tap.Received);
        Assert.Equal(harness.Output, tap.Sent);
        Assert.Equal(
            [
                PduType.ICResp, PduType.CapsuleResp, PduType.C2HData, PduType.C2HData, PduType.C2HData, PduType.CapsuleResp,
                PduType.CapsuleResp, PduType.R2T, PduType.R2T, PduType.CapsuleResp,
            ],
            tap.SentTypes);
        Assert.Equal([-1, 0xC0, 1, 1, 1, 1, 2, 3, 3, 3], tap.SentCommands);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_write_that_is_taken_with_its_capsule_is_shown_whole(int digests)
    {
        var tap = new RecordingTap();
        ControllerHarness harness = new ControllerHarness(hpda: 31).Connect(digests);
        harness.Queue.Handling = DataPlacement.Borrowed;
        harness.Connection.AddTap(tap);
        byte[] first = Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 512), Pattern.Make(512, 1), digests, dataOffset: 128);
        byte[] second = Pdus.Capsule(Entries.InCapsule(Entries.Write, 2, 1024), Pattern.Make(1024, 2), digests);

        harness.Send([.. first, .. second]);

        Assert.Equal([.. first, .. second], tap.Received);
        Assert.Equal([1, 2], tap.SentCommands);
        Assert.Equal([512, 1024], harness.Queue.Writes.Select(write => write.Length));
    }

    [Fact]
    public void A_read_without_a_response_of_its_own_is_shown()
    {
        var tap = new RecordingTap();
        ControllerHarness harness = new ControllerHarness().Connect(disableFlowControl: true);
        harness.Connection.AddTap(tap);
        int before = harness.Output.Count;

        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 512, 3)));

        Assert.Equal([PduType.C2HData], tap.SentTypes);
        Assert.Equal(harness.Output.Skip(before), tap.Sent);
        Assert.False(harness.Connection.IsFlowControlled);
    }

    [Fact]
    public void A_tap_that_comes_in_the_middle_of_a_PDU_is_shown_the_rest_of_it_or_all_of_it()
    {
        var tap = new RecordingTap();
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.SendLimit = static total => Math.Min(total, 100);
        harness.Feed(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 512, 3)));
        harness.HoldsOutput = false;
        var batch = new TransmitBatch();
        harness.Connection.FillTransmit(batch);
        harness.Connection.Transmitted(100);

        harness.Connection.AddTap(tap);
        batch.Clear();
        harness.Connection.FillTransmit(batch);
        harness.Connection.Transmitted(batch.TotalBytes);

        Assert.Equal([PduType.C2HData, PduType.CapsuleResp], tap.SentTypes);
        Assert.Equal(24 + 512 + 24, tap.Sent.Count);
    }

    [Fact]
    public void Several_taps_are_shown_the_same_and_one_may_leave_while_it_is_called()
    {
        RecordingTap[] taps = [new(), new(), new()];
        ControllerHarness harness = new ControllerHarness().Connect();
        foreach (RecordingTap tap in taps)
            harness.Connection.AddTap(tap);
        taps[1].OnWhole = () => harness.Connection.RemoveTap(taps[1]);
        byte[] read = Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 512, 3));

        harness.Send(read);
        harness.Send(read);
        harness.Connection.RemoveTap(taps[0]);
        harness.Connection.RemoveTap(taps[0]);
        harness.Send(read);
        harness.Connection.RemoveTap(taps[2]);
        harness.Send(read);

        Assert.Equal([2, 1, 3], taps.Select(tap => tap.Received.Count / read.Length));
        Assert.Equal([4, 0, 6], taps.Select(tap => tap.SentTypes.Count));
        Assert.True(harness.Connection.IsOpen);
    }

    [Fact]
    public void A_header_that_breaks_the_rules_is_shown_as_far_as_it_came()
    {
        var tap = new RecordingTap();
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Connection.AddTap(tap);
        byte[] wrong = Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 512, 3)).With(2, 71);

        harness.Send(wrong);
        harness.Connection.PeerClosed();

        Assert.Equal(wrong[..8], Assert.Single(tap.Broken));
        Assert.Empty(tap.Received);
        Assert.Equal([PduType.C2HTermReq], tap.SentTypes);
        Assert.Equal(CloseReason.ProtocolError, tap.Reason);
    }

    [Fact]
    public void Data_that_nobody_asked_for_is_shown_as_a_header_that_was_told_of_before()
    {
        var tap = new RecordingTap();
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Connection.AddTap(tap);

        harness.Send(Pdus.HostData(9, 0, 0, new byte[512], isLast: true));

        Assert.Empty(Assert.Single(tap.Broken));
        Assert.Equal(24, tap.Received.Count);
        Assert.Equal([PduType.C2HTermReq], tap.SentTypes);
    }
}
