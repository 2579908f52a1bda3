using CsCheck;

namespace ManagedNvmet.Protocol.Tests;

/// <summary>Shortage of buffers: commands wait in order, in-capsule data without a buffer stops the stream, and admin commands have buffers
/// of their own.</summary>
public sealed class BufferShortageTests
{
    [Fact]
    public void Commands_wait_for_buffers_in_the_order_in_which_they_came()
    {
        ControllerHarness harness = new ControllerHarness(buffers: new TestBuffers(ioBuffers: 1)).Connect();
        harness.Queue.HoldsExecution = true;
        for (ushort commandId = 1; commandId <= 5; commandId++)
            harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, commandId, 64)));
        Assert.Single(harness.Queue.Held);
        Assert.Equal(1, harness.Buffers.IoRented);
        var order = new List<int>();
        while (harness.Queue.Held.Count > 0)
        {
            Assert.Single(harness.Queue.Held);
            harness.Queue.FinishHeld();
            harness.Settle();
            order.Add(harness.Read()[^1].CommandId);
        }
        Assert.Equal([1, 2, 3, 4, 5], order);
        Assert.Equal(0, harness.Buffers.Rented);
    }

    [Fact]
    public void A_command_does_not_overtake_one_that_waits()
    {
        ControllerHarness harness = new ControllerHarness(buffers: new TestBuffers(ioBuffers: 0)).Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));

        // A buffer is free again, but the waiters have not been called yet.
        harness.Buffers.IoLimit = 1;
        harness.Feed(Pdus.Capsule(Entries.Transfer(Entries.Read, 2, 64)));
        Assert.Equal(0, harness.Buffers.Rented);
        harness.Buffers.AddIo(0);
        harness.Settle();
        Assert.Equal([1, 1, 2, 2], harness.Read().Select(pdu => (int)pdu.CommandId));
    }

    [Fact]
    public void A_command_without_data_never_waits()
    {
        ControllerHarness harness = new ControllerHarness(buffers: new TestBuffers(ioBuffers: 0)).Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 2, 0)));
        Assert.True(harness.ExpectResponse(2).Status.IsSuccess);
    }

    [Fact]
    public void A_write_without_a_buffer_is_not_asked_for_its_data()
    {
        ControllerHarness harness = new ControllerHarness(buffers: new TestBuffers(ioBuffers: 0)).Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 64)));
        Assert.Empty(harness.Read());
        harness.Buffers.AddIo(1);
        harness.Settle();
        harness.Expect(PduType.R2T);
    }

    [Fact]
    public void In_capsule_data_without_a_buffer_stops_the_stream_until_there_is_one()
    {
        ControllerHarness harness = new ControllerHarness(buffers: new TestBuffers(ioBuffers: 0)).Connect(digests: 3);
        byte[] write = Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), Pattern.Make(64, 1), 3);
        byte[] flush = Pdus.Capsule(Entries.Transfer(Entries.Flush, 2, 0), digests: 3);
        harness.Send([.. write, .. flush, .. write.With(10, 3), .. flush.With(10, 4)]);
        Assert.False(harness.Connection.WantsReceive);
        Assert.True(harness.Connection.DirectReceive.IsEmpty);
        Assert.Empty(harness.Read());
        harness.Send(flush.With(10, 5));
        Assert.Equal(flush.Length, harness.UntakenBytes);
        harness.Buffers.AddIo(1);
        harness.Settle();
        Assert.Equal([1, 2, 3, 4, 5], harness.Read().Select(pdu => (int)pdu.CommandId));
        Assert.Equal(2, harness.Queue.Writes.Count);
        Assert.All(harness.Queue.Writes, data => Assert.Equal(Pattern.Make(64, 1), data));
        Assert.Equal(0, harness.Buffers.Rented);
    }

    [Fact]
    public void The_stream_stops_and_goes_on_wherever_the_capsule_was_cut()
    {
        byte[] write = Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), Pattern.Make(64, 1), 3, dataOffset: 128);
        byte[] flush = Pdus.Capsule(Entries.Transfer(Entries.Flush, 2, 0), digests: 3);
        byte[] stream = [.. write, .. flush];
        for (int cut = 1; cut < stream.Length; cut++)
        {
            ControllerHarness harness = new ControllerHarness(buffers: new TestBuffers(ioBuffers: 0)).Connect(digests: 3);
            harness.Send(stream.AsSpan(0, cut));
            Assert.Equal(cut < 76, harness.Connection.WantsReceive);
            harness.Send(stream.AsSpan(cut));
            Assert.False(harness.Connection.WantsReceive);
            harness.Buffers.AddIo(1);
            harness.Settle();
            Assert.Equal([1, 2], harness.Read().Select(pdu => (int)pdu.CommandId));
            Assert.Equal(Pattern.Make(64, 1), harness.Queue.Writes.Single());
        }
    }

    [Fact]
    public void A_stopped_stream_that_is_closed_gives_everything_back()
    {
        ControllerHarness harness = new ControllerHarness(buffers: new TestBuffers(ioBuffers: 0)).Connect();
        byte[] write = Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), new byte[64]);
        harness.Send([.. write, .. write]);
        Assert.Equal(1, harness.Buffers.Waiters);
        harness.Connection.PeerClosed();
        harness.Settle();
        Assert.Equal(0, harness.Buffers.Waiters);
        Assert.Equal(0, harness.Connection.OutstandingCommands);
        harness.Buffers.AddIo(1);
        harness.Settle();
        Assert.Equal(0, harness.Buffers.Rented);
    }

    [Fact]
    public void Admin_and_Fabrics_commands_do_not_wait_for_IO_buffers()
    {
        var buffers = new TestBuffers(ioBuffers: 0, adminBuffers: 1);
        ControllerHarness admin = new ControllerHarness(buffers: buffers).Connect(queueId: 0);
        admin.Send(Pdus.Capsule(Entries.Transfer(0x06, 1, 4096)));
        Assert.Equal([PduType.C2HData, PduType.CapsuleResp], admin.Read().Select(pdu => pdu.Type));

        ControllerHarness io = new ControllerHarness(buffers: buffers).Connect(queueId: 1);
        io.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));
        Assert.Empty(io.Read());
        Assert.Equal(0, buffers.IoRented);
    }

    [Fact]
    public void A_write_whose_data_was_asked_for_gets_it_although_others_have_no_room_in_front_of_it()
    {
        // A write holds the only buffer. Its data arrives after that of an in-capsule write.
        ControllerHarness harness = new ControllerHarness(buffers: new TestBuffers(ioBuffers: 1, inCapsuleReserve: 1)).Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 100)));
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 2, 100)));
        harness.Expect(PduType.R2T);
        harness.Send([
            .. Pdus.Capsule(Entries.InCapsule(Entries.Write, 3, 64), new byte[64]),
            .. Pdus.Capsule(Entries.InCapsule(Entries.Write, 4, 64), new byte[64]),
            .. Pdus.HostData(1, 0, 0, new byte[100], true)]);
        Assert.Equal(
            ["CapsuleResp 3", "CapsuleResp 4", "CapsuleResp 1", "R2T 2"], harness.Read().Select(pdu => $"{pdu.Type} {pdu.CommandId}"));
    }

    [Fact]
    public void Whatever_the_shortage_every_command_is_answered_once_and_nothing_is_lost() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 3].Array[1, 60], Gen.Int[1, 400].Array[1, 20], Gen.Int[0, 3]).Sample(
            (buffers, kinds, cuts, digests) =>
        {
            ControllerHarness harness = new ControllerHarness(buffers: new TestBuffers(buffers, inCapsuleReserve: 1)).Connect(
                digests, queueSize: 63);
            harness.Queue.HoldsExecution = true;
            var stream = new List<byte>();
            for (int index = 0; index < kinds.Length; index++)
            {
                var commandId = (ushort)index;
                stream.AddRange(kinds[index] switch
                {
                    0 => Pdus.Capsule(Entries.Transfer(Entries.Read, commandId, 100 + index, commandId), digests: digests),
                    1 => Pdus.Capsule(Entries.InCapsule(Entries.Write, commandId, 60 + index), Pattern.Make(60 + index, index), digests),
                    2 => Pdus.Capsule(Entries.Transfer(Entries.Write, commandId, 200 + index), digests: digests),
                    _ => Pdus.Capsule(Entries.Transfer(Entries.Flush, commandId, 0), digests: digests),
                });
            }
            var answered = new HashSet<int>();
            var grants = new Queue<byte[]>();
            int next = 0;
            int turn = 0;
            for (int idle = 0; answered.Count < kinds.Length; idle++)
            {
                if (idle > 20_000)
                    return false;
                int length = Math.Min(stream.Count - next, cuts[turn++ % cuts.Length]);
                harness.Send([.. stream.Skip(next).Take(length)]);
                next += length;
                if (turn % 3 == 0)
                {
                    harness.Queue.FinishHeld();
                    harness.Settle();
                }
                foreach (ReceivedPdu pdu in harness.Read())
                {
                    if (pdu.Type == PduType.R2T)
                    {
                        // The data for an R2T follows the PDUs that are already in transit, and begins at the end of a PDU.
                        byte[] data = Pattern.Make((int)pdu.Length, pdu.CommandId);
                        grants.Enqueue(Pdus.HostData(pdu.CommandId, pdu.TransferTag, 0, data, true, digests));
                    }
                    else if (pdu.Type == PduType.CapsuleResp && (!pdu.Status.IsSuccess || !answered.Add(pdu.CommandId)))
                    {
                        return false;
                    }
                }
                if (next == stream.Count)
                {
                    while (grants.TryDequeue(out byte[]? grant))
                        harness.Send(grant);
                }
            }
            return harness.Buffers.Rented == 0 && harness.Connection.OutstandingCommands == 0 && harness.Connection.IsOpen;
        }, iter: 300, threads: 2);


    [Fact]
    public void A_host_that_does_not_read_holds_no_more_buffers_than_one_connection_may()
    {
        var limits = new ConnectionLimits { MaxBufferBytes = 8192 };
        ControllerHarness harness = new ControllerHarness(limits).Connect();
        harness.HoldsOutput = true;
        for (ushort commandId = 1; commandId <= 6; commandId++)
            harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, commandId, 4096)));
        Assert.Equal(2, harness.Buffers.IoRented);

        // The connection is not in the list of waiters, because buffers that others return would not help it.
        Assert.Equal(0, harness.Buffers.Waiters);
        harness.Send(Pdus.Capsule(Entries.InCapsule(Entries.Write, 7, 64), Pattern.Make(64, 1)));
        Assert.Single(harness.Queue.Writes);

        harness.HoldsOutput = false;
        harness.Settle();
        Assert.Equal([1, 1, 2, 2, 7, 3, 3, 4, 4, 5, 5, 6, 6], harness.Read().Select(pdu => (int)pdu.CommandId));
        Assert.Equal(0, harness.Buffers.Rented);
    }

    [Fact]
    public void A_single_command_gets_its_buffer_however_small_the_share_is()
    {
        ControllerHarness harness = new ControllerHarness(new ConnectionLimits { MaxBufferBytes = 512 }).Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 4096)));
        Assert.Equal(2, harness.Read().Count);
    }

    [Fact]
    public void A_command_that_is_over_the_share_can_be_aborted_and_does_not_come_back()
    {
        ControllerHarness harness = new ControllerHarness(new ConnectionLimits { MaxBufferBytes = 4096 }).Connect();
        harness.Queue.HoldsExecution = true;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 4096)));
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 2, 4096)));
        Assert.True(harness.Connection.Find(2)!.TryAbort(NvmeStatus.CommandAborted));
        harness.Settle();
        harness.ExpectResponse(2);
        Assert.Equal([NvmeStatus.CommandAborted], harness.Queue.Failures);
        harness.Queue.FinishHeld();
        harness.Settle();
        Assert.Equal([1, 1], harness.Read().Select(pdu => (int)pdu.CommandId));
        Assert.Empty(harness.Queue.Held);
    }
}
