namespace ManagedNvmet.Protocol.Tests;

/// <summary>Calls that a command handler may and may not make to the connection while the connection calls it.</summary>
public sealed class HandlerTests
{
    private static readonly byte[][] Commands =
    [
        Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0)),
        Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)),
        Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), new byte[64]),
        Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 64)),
    ];

    public static MatrixTheoryData<int, bool, bool> Closings => new([0, 1, 2, 3], [false, true], [false, true]);

    [Theory]
    [MemberData(nameof(Closings))]
    public void A_connection_may_be_closed_while_a_command_arrives(int command, bool accepts, bool afterSending)
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Queue.Command = slot =>
        {
            Close(harness, afterSending);
            if (accepts)
                slot.Accept();
            else
                slot.Complete(NvmeStatus.InternalError);
        };
        harness.Send([.. Commands[command], .. Commands[0]]);
        ExpectGone(harness);
    }

    [Theory]
    [MemberData(nameof(Closings))]
    public void A_connection_may_be_closed_while_a_command_is_executed(int command, bool completesLater, bool afterSending)
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        CommandSlot? late = null;
        harness.Queue.Execute = slot =>
        {
            Close(harness, afterSending);
            if (completesLater)
                late = slot;
            else
                slot.Complete(NvmeStatus.Success);
        };
        harness.Send(Commands[command]);
        if (command == 3)
            harness.Send(Pdus.HostData(1, 0, 0, new byte[64], true));
        if (completesLater)
        {
            Assert.NotNull(late);
            Assert.Equal(1, harness.Connection.OutstandingCommands);
            Assert.Equal(command == 0 ? 0 : 1, harness.Buffers.Rented);
            late.Complete(NvmeStatus.Success);
        }
        ExpectGone(harness);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_connection_may_be_closed_with_an_answer_just_given(bool afterSending)
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Queue.Execute = slot =>
        {
            slot.Complete(NvmeStatus.Success);
            Close(harness, afterSending);
        };
        harness.Send(Commands[1]);
        Assert.Equal(afterSending ? 2 : 0, harness.Read().Count);
        ExpectGone(harness);
    }

    [Fact]
    public void A_connection_may_be_closed_from_its_own_end()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Queue.HoldsExecution = true;
        harness.Send(Commands[1]);
        harness.Queue.Closed = () =>
        {
            harness.Connection.Close(CloseReason.AssociationEnded);
            harness.Queue.FinishHeld();
        };
        harness.Send(Commands[0].With(0, 0xFF));
        ExpectGone(harness);
    }

    [Fact]
    public void A_command_that_waited_may_close_the_connection_when_its_buffer_comes()
    {
        ControllerHarness harness = new ControllerHarness(buffers: new TestBuffers(ioBuffers: 0)).Connect();
        harness.Queue.Execute = slot =>
        {
            harness.Connection.Close(CloseReason.InternalError);
            slot.Complete(NvmeStatus.Success);
        };
        for (ushort commandId = 1; commandId <= 4; commandId++)
            harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, commandId, 64)));
        harness.Buffers.AddIo(10);
        harness.Settle();
        Assert.Equal(2, harness.Queue.Executions);
        ExpectGone(harness);
    }

    [Fact]
    public void Completing_a_command_twice_is_an_error_of_ours_that_shows()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.HoldsOutput = true;
        CommandSlot? slot = null;
        harness.Queue.Execute = executed => slot = executed;
        harness.Send(Commands[1]);
        slot!.Complete(NvmeStatus.Success);
        Assert.Throws<InvalidOperationException>(() => slot.Complete(NvmeStatus.Success));
        harness.HoldsOutput = false;
        harness.Settle();
        Assert.Equal(2, harness.Read().Count);
        Assert.Throws<InvalidOperationException>(() => slot.Complete(NvmeStatus.Success));
        Assert.Equal(0, harness.Buffers.Rented);
    }

    [Fact]
    public void Completing_a_command_twice_after_the_end_shows_too()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Queue.HoldsExecution = true;
        harness.Send(Commands[1]);
        CommandSlot slot = harness.Queue.Held.Single();
        harness.Connection.PeerClosed();
        slot.Complete(NvmeStatus.Success);
        Assert.Throws<InvalidOperationException>(() => slot.Complete(NvmeStatus.Success));
        Assert.Equal(0, harness.Connection.OutstandingCommands);
    }

    [Fact]
    public void A_command_whose_data_is_awaited_can_be_aborted_but_not_completed()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Send(Commands[3]);
        harness.Expect(PduType.R2T);
        CommandSlot slot = harness.Connection.Find(1)!;
        Assert.Throws<InvalidOperationException>(() => slot.Complete(NvmeStatus.Success));
        harness.Send(Pdus.HostData(1, 0, 0, new byte[64], true));
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);

        ControllerHarness waiting = new ControllerHarness(buffers: new TestBuffers(ioBuffers: 0)).Connect();
        waiting.Send(Commands[1]);
        Assert.Throws<InvalidOperationException>(() => waiting.Connection.Find(1)!.Complete(NvmeStatus.Success));
        waiting.Buffers.AddIo(1);
        waiting.Settle();
        Assert.Equal(2, waiting.Read().Count);
    }

    [Fact]
    public void Answers_may_be_given_in_any_order()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Queue.HoldsExecution = true;
        for (ushort commandId = 1; commandId <= 3; commandId++)
            harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, commandId, 64, commandId)));
        harness.Queue.Held.Reverse();
        harness.Queue.FinishHeld();
        harness.Settle();
        List<ReceivedPdu> answer = harness.Read();
        Assert.Equal([3, 3, 2, 2, 1, 1], answer.Select(pdu => (int)pdu.CommandId));
        Assert.Equal(Pattern.Make(64, 3), answer[0].Data);
    }

    private static void Close(ControllerHarness harness, bool afterSending)
    {
        if (afterSending)
            harness.Connection.CloseAfterSending(CloseReason.AssociationEnded);
        else
            harness.Connection.Close(CloseReason.AssociationEnded);
    }

    private static void ExpectGone(ControllerHarness harness)
    {
        harness.Settle();
        Assert.True(harness.Connection.IsFinished);
        Assert.False(harness.Connection.WantsTransmit);
        Assert.Single(harness.Queue.CloseReasons);
        Assert.Equal(0, harness.Connection.OutstandingCommands);
        Assert.Equal(0, harness.Buffers.Rented);
        Assert.Equal(0, harness.Buffers.Waiters);
    }
}
