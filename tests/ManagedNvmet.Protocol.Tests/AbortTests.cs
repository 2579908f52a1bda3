namespace ManagedNvmet.Protocol.Tests;

/// <summary>Aborts a command in each of its states.</summary>
public sealed class AbortTests
{
    [Fact]
    public void A_command_in_execution_cannot_be_aborted_here()
    {
        ControllerHarness harness = Held();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));
        Assert.False(Abort(harness, 1));
        harness.Queue.FinishHeld();
        harness.Settle();
        Assert.True(harness.Read()[^1].Status.IsSuccess);
        ExpectIdle(harness);
    }

    [Fact]
    public void A_command_whose_answer_is_queued_cannot_be_aborted()
    {
        ControllerHarness harness = Held();
        harness.HoldsOutput = true;
        harness.Queue.HoldsExecution = false;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));
        CommandSlot slot = harness.Connection.Find(1)!;
        Assert.False(slot.IsPending);
        Assert.False(slot.TryAbort(NvmeStatus.CommandAborted));
        harness.HoldsOutput = false;
        harness.Settle();
        Assert.True(harness.Read()[^1].Status.IsSuccess);
        ExpectIdle(harness);
    }

    [Fact]
    public void A_command_that_just_arrived_cannot_be_aborted()
    {
        ControllerHarness harness = Held();
        harness.Queue.Command = slot =>
        {
            Assert.False(slot.TryAbort(NvmeStatus.CommandAborted));
            slot.Complete(NvmeStatus.Success);
        };
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0)));
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
        ExpectIdle(harness);
    }

    [Fact]
    public void A_write_whose_data_was_asked_for_ends_when_the_data_has_come_and_is_not_executed()
    {
        ControllerHarness harness = Held();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 128)));
        harness.Expect(PduType.R2T);
        harness.Send(Pdus.HostData(1, 0, 0, new byte[64], false));
        Assert.True(harness.Connection.Find(1)!.IsPending);
        Assert.True(Abort(harness, 1));
        harness.Settle();
        Assert.Empty(harness.Read());
        harness.Send(Pdus.HostData(1, 0, 64, new byte[64], true));
        Assert.Equal(NvmeStatus.CommandAborted, harness.ExpectResponse(1).Status);
        Assert.Empty(harness.Queue.Held);
        ExpectIdle(harness);
    }

    [Fact]
    public void A_write_whose_R2T_has_not_gone_out_ends_when_the_data_has_come()
    {
        ControllerHarness harness = Held();
        harness.HoldsOutput = true;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 64)));
        Assert.True(Abort(harness, 1));
        harness.HoldsOutput = false;
        harness.Settle();
        harness.Expect(PduType.R2T);
        harness.Send(Pdus.HostData(1, 0, 0, new byte[64], true));
        Assert.Equal(NvmeStatus.CommandAborted, harness.ExpectResponse(1).Status);
        ExpectIdle(harness);
    }

    [Fact]
    public void A_write_with_more_ranges_to_come_is_not_asked_for_them()
    {
        var harness = new ControllerHarness(new ConnectionLimits { MaxH2CDataBytes = 4096 });
        harness.Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 8192)));
        harness.Expect(PduType.R2T);
        Assert.True(Abort(harness, 1));
        harness.Send(Pdus.HostData(1, 0, 0, new byte[4096], true));
        Assert.Equal(NvmeStatus.CommandAborted, harness.ExpectResponse(1).Status);
        ExpectIdle(harness);
    }

    [Fact]
    public void A_write_whose_capsule_is_still_coming_ends_with_its_last_byte()
    {
        ControllerHarness harness = Held();
        byte[] capsule = Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), new byte[64]);
        harness.Send(capsule.AsSpan(0, 100));
        Assert.True(Abort(harness, 1));
        harness.Settle();
        Assert.Empty(harness.Read());
        harness.Send(capsule.AsSpan(100));
        Assert.Equal(NvmeStatus.CommandAborted, harness.ExpectResponse(1).Status);
        Assert.Empty(harness.Queue.Held);
        ExpectIdle(harness);
    }

    [Theory]
    [InlineData(Entries.Read)]
    [InlineData(Entries.Write)]
    public void A_command_that_waits_for_a_buffer_leaves_the_line_at_once(byte opcode)
    {
        ControllerHarness harness = WithoutBuffers();
        harness.Send(Pdus.Capsule(Entries.Transfer(opcode, 1, 64)));
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 2, 64)));
        Assert.True(harness.Connection.Find(1)!.IsPending);
        Assert.True(Abort(harness, 1));
        harness.Settle();
        Assert.Equal(NvmeStatus.CommandAborted, harness.ExpectResponse(1).Status);

        // The slot is reused and waits again. It must be in the list of waiters only once.
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 3, 64)));
        harness.Buffers.AddIo(8);
        harness.Settle();
        Assert.Equal([2, 2, 3, 3], harness.Read().Select(pdu => (int)pdu.CommandId));
        ExpectIdle(harness);
    }

    [Fact]
    public void A_write_that_blocks_the_stream_ends_when_its_data_has_gone_by()
    {
        ControllerHarness harness = WithoutBuffers();
        harness.Send(Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), new byte[64]));
        Assert.False(harness.Connection.WantsReceive);
        Assert.True(Abort(harness, 1));
        harness.Buffers.AddIo(1);
        harness.Settle();
        Assert.Equal(NvmeStatus.CommandAborted, harness.ExpectResponse(1).Status);
        Assert.True(harness.Connection.WantsReceive);
        ExpectIdle(harness);
    }

    [Fact]
    public void An_abort_stays_the_outcome_when_the_data_is_damaged_too()
    {
        ControllerHarness harness = new ControllerHarness().Connect(digests: 2);
        byte[] capsule = Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), new byte[64], 2);
        capsule[^1] ^= 1;
        harness.Send(capsule.AsSpan(0, 100));
        Assert.True(Abort(harness, 1));
        harness.Send(capsule.AsSpan(100));
        Assert.Equal(NvmeStatus.CommandAborted, harness.ExpectResponse(1).Status);
    }

    [Fact]
    public void A_command_is_found_by_its_identifier_only_while_it_is_outstanding()
    {
        ControllerHarness harness = Held();
        Assert.Null(harness.Connection.Find(1));
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 0xFFFF, 64)));
        Assert.Equal(0xFFFF, harness.Connection.Find(0xFFFF)!.Entry.CommandId);
        Assert.Equal(1, harness.Connection.Find(1)!.Entry.CommandId);
        Assert.Null(harness.Connection.Find(2));
        harness.Queue.FinishHeld();
        harness.Settle();
        Assert.Null(harness.Connection.Find(1));
        Assert.Null(harness.Connection.Find(0xFFFF));
    }

    private static bool Abort(ControllerHarness harness, ushort commandId) =>
        harness.Connection.Find(commandId)!.TryAbort(NvmeStatus.CommandAborted);

    private static ControllerHarness Held()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Queue.HoldsExecution = true;
        return harness;
    }

    private static ControllerHarness WithoutBuffers() => new ControllerHarness(buffers: new TestBuffers(ioBuffers: 0)).Connect();

    private static void ExpectIdle(ControllerHarness harness)
    {
        Assert.Equal(0, harness.Buffers.Rented);
        Assert.Equal(0, harness.Connection.OutstandingCommands);
        harness.Queue.HoldsExecution = false;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 500, 0)));
        Assert.True(harness.ExpectResponse(500).Status.IsSuccess);
    }
}
