namespace ManagedNvmet.Protocol.Tests;

public sealed class BufferTests
{
    [Theory]
    [InlineData(1, true)]
    [InlineData(0, false)]
    public void Data_in_a_capsule_does_not_wait_for_buffers_whose_data_is_behind_it(int reserve, bool isEnough)
    {
        var harness = new ControllerHarness(buffers: new TestBuffers(ioBuffers: 1, capsuleBuffers: reserve));
        harness.Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 64)));
        ushort tag = harness.Read().Single().TransferTag;

        // The second stands in the line for buffers already; the third and fourth must pass it.
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 2, 64)));
        harness.Send(Pdus.Capsule(Entries.InCapsule(Entries.Write, 3, 64), Pattern.Make(64, 3)));
        harness.Send(Pdus.Capsule(Entries.InCapsule(Entries.Write, 4, 64), Pattern.Make(64, 4)));
        harness.Send(Pdus.HostData(1, tag, 0, Pattern.Make(64, 1), isLast: true));

        List<ReceivedPdu> answers = harness.Read();
        if (!isEnough)
        {
            Assert.Empty(answers);
            return;
        }
        Assert.Equal([PduType.CapsuleResp, PduType.CapsuleResp, PduType.CapsuleResp, PduType.R2T], answers.Select(pdu => pdu.Type));
        Assert.Equal([3, 4, 1, 2], answers.Select(pdu => (int)pdu.CommandId));
        harness.Send(Pdus.HostData(2, answers[^1].TransferTag, 0, Pattern.Make(64, 2), isLast: true));
        Assert.True(harness.ExpectResponse(2).Status.IsSuccess);
        Assert.Equal([Pattern.Make(64, 3), Pattern.Make(64, 4), Pattern.Make(64, 1), Pattern.Make(64, 2)], harness.Queue.Writes);
        Assert.Equal(0, harness.Buffers.Rented);
        Assert.Equal(0, harness.Buffers.Waiters);
    }

    [Fact]
    public void In_capsule_data_that_waits_goes_on_as_soon_as_a_buffer_comes_back()
    {
        var harness = new ControllerHarness(buffers: new TestBuffers(ioBuffers: 1, capsuleBuffers: 1));
        harness.Connect();
        harness.Queue.HoldsExecution = true;
        harness.Send(Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), Pattern.Make(64, 1)));
        harness.Send(Pdus.Capsule(Entries.InCapsule(Entries.Write, 2, 64), Pattern.Make(64, 2)));
        harness.Send(Pdus.Capsule(Entries.InCapsule(Entries.Write, 3, 64), Pattern.Make(64, 3)));
        Assert.Equal(1, harness.Buffers.Waiters);
        Assert.Equal(2, harness.Queue.Held.Count);

        harness.Queue.FinishHeld();
        harness.Settle();
        harness.Queue.FinishHeld();
        harness.Settle();
        Assert.Equal([1, 2, 3], harness.Read().Select(pdu => (int)pdu.CommandId));
        Assert.Equal(0, harness.Buffers.Rented);
    }
}
