namespace ManagedNvmet.Protocol.Tests;

/// <summary>A connection pauses so that another thread can take it over with buffers of its own, and then continues without a visible
/// effect.</summary>
public sealed class PauseTests
{
    [Fact]
    public void Before_Connect_and_after_the_end_there_is_no_rest()
    {
        ControllerHarness harness = new ControllerHarness().Initialize();
        Assert.False(harness.Connection.TryPause());
        harness = new ControllerHarness().Connect();
        Assert.True(harness.Connection.TryPause());
        Assert.False(harness.Connection.TryPause());
        harness.Connection.Close(CloseReason.AssociationEnded);
        Assert.False(harness.Connection.IsPaused);
        Assert.False(harness.Connection.TryPause());
    }

    [Fact]
    public void What_comes_during_a_pause_is_received_after_it()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Connection.TryPause();
        Assert.True(harness.Connection.IsQuiet);
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));
        Assert.Empty(harness.Read());
        Assert.NotEqual(0, harness.UntakenBytes);
        harness.Connection.Resume(harness.Buffers);
        harness.Settle();
        Assert.Equal([1, 1], harness.Read().Select(pdu => (int)pdu.CommandId));
    }

    [Fact]
    public void A_command_in_execution_ends_and_is_answered_before_the_connection_is_quiet()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Queue.HoldsExecution = true;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));
        harness.Connection.TryPause();
        Assert.False(harness.Connection.IsQuiet);
        harness.HoldsOutput = true;
        harness.Queue.FinishHeld();
        Assert.False(harness.Connection.IsQuiet);
        harness.HoldsOutput = false;
        harness.Settle();
        Assert.True(harness.Connection.IsQuiet);
        Assert.Equal(0, harness.Buffers.Rented);
        Assert.Equal([1, 1], harness.Read().Select(pdu => (int)pdu.CommandId));
    }

    [Fact]
    public void A_command_that_waits_for_an_event_does_not_keep_the_connection_from_being_quiet()
    {
        ControllerHarness harness = new ControllerHarness().Connect(queueId: 0);
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.AsyncEventRequest, 1, 0)));
        harness.Connection.TryPause();
        Assert.False(harness.Connection.IsQuiet);
        harness.Queue.ParkedCommands = 1;
        Assert.True(harness.Connection.IsQuiet);
    }

    [Fact]
    public void Data_that_the_host_was_asked_for_still_comes_with_what_stands_before_it()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 64)));
        ushort tag = harness.Expect(PduType.R2T).TransferTag;
        harness.Connection.TryPause();
        Assert.Equal(int.MaxValue, harness.Connection.ReceiveLimit);

        // A read and a larger write wait. In-capsule data is still received, because it precedes the expected data in the stream.
        harness.Send(
        [
            .. Pdus.Capsule(Entries.Transfer(Entries.Read, 2, 64)),
            .. Pdus.Capsule(Entries.Transfer(Entries.Write, 3, 64)),
            .. Pdus.Capsule(Entries.InCapsule(Entries.Write, 4, 64), Pattern.Make(64, 4)),
            .. Pdus.HostData(1, tag, 0, Pattern.Make(64, 1), isLast: true),
        ]);
        Assert.Equal([4, 1], harness.Read().Select(pdu => (int)pdu.CommandId));
        Assert.True(harness.Connection.IsQuiet);
        Assert.Equal(0, harness.Connection.ReceiveLimit);
        Assert.Equal(0, harness.Buffers.Rented);

        // The waiting commands get buffers of the new thread.
        var others = new TestBuffers();
        harness.Connection.Resume(others);
        Assert.Equal((0, 2), (harness.Buffers.Rented + harness.Buffers.Waiters, others.IoRented));
        harness.Settle();
        Assert.Equal([2, 2, 3], harness.Read().Select(pdu => (int)pdu.CommandId));
    }

    [Fact]
    public void No_more_is_received_than_the_rest_of_a_capsule_that_has_begun()
    {
        ControllerHarness harness = new ControllerHarness().Connect(digests: 3);
        byte[] capsule = Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), Pattern.Make(64, 1), digests: 3);
        byte[] next = Pdus.Capsule(Entries.InCapsule(Entries.Write, 2, 64), Pattern.Make(64, 2), digests: 3);
        for (int split = 1; split < capsule.Length; split++)
        {
            harness.Send(capsule.AsSpan(0, split));
            harness.Connection.TryPause();
            int limit = harness.Connection.ReceiveLimit;
            Assert.Equal(limit == 0, harness.Connection.IsQuiet);
            Assert.Equal(limit > 0, harness.Connection.WantsReceive);

            // A pause may leave a header partially received, but not data that has a buffer.
            Assert.Contains(limit, new[] { 0, capsule.Length - split });
            Assert.Equal(limit > 0, harness.Buffers.Rented > 0);
            harness.Send([.. capsule.AsSpan(split), .. next]);
            if (limit > 0)
            {
                Assert.Equal(next.Length, harness.UntakenBytes);
                harness.ExpectResponse(1);
            }
            Assert.True(harness.Connection.IsQuiet);
            harness.Connection.Resume(harness.Buffers);
            harness.Settle();
            Assert.Equal(limit > 0 ? 1 : 2, harness.Read().Count);
        }
    }

    [Fact]
    public void A_command_that_waited_for_a_buffer_of_the_old_thread_gets_one_of_the_new()
    {
        ControllerHarness harness = new ControllerHarness(buffers: new TestBuffers(ioBuffers: 0)).Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));
        Assert.Equal(1, harness.Buffers.Waiters);
        harness.Connection.TryPause();
        Assert.Equal(0, harness.Buffers.Waiters);
        Assert.True(harness.Connection.IsQuiet);
        harness.Connection.Resume(new TestBuffers());
        harness.Settle();
        Assert.Equal([1, 1], harness.Read().Select(pdu => (int)pdu.CommandId));
    }

    [Fact]
    public void A_command_that_waits_can_be_aborted_during_the_pause()
    {
        ControllerHarness harness = new ControllerHarness(buffers: new TestBuffers(ioBuffers: 0)).Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));
        harness.Connection.TryPause();
        Assert.True(harness.Connection.Find(1)!.TryAbort(NvmeStatus.CommandAborted));
        Assert.False(harness.Connection.IsQuiet);
        harness.Settle();
        Assert.True(harness.ExpectResponse(1).Status.IsSameCode(NvmeStatus.CommandAborted));
        Assert.True(harness.Connection.IsQuiet);
    }

    [Fact]
    public void The_end_of_the_connection_ends_the_pause()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 64)));
        harness.Connection.TryPause();
        harness.Connection.PeerClosed();
        Assert.False(harness.Connection.IsPaused);
        Assert.False(harness.Connection.IsQuiet);
        Assert.True(harness.Connection.IsFinished);
        Assert.Equal(0, harness.Buffers.Rented);
    }
}
