using System.Buffers;

namespace ManagedNvmet.Protocol.Tests;

/// <summary>The connection sends lent memory of a device without a copy and returns it exactly once.</summary>
public sealed class LendingTests
{
    private const int Bytes = 4096;

    private readonly CountingMemory _lent = new(Bytes);

    [Fact]
    public void A_lent_read_needs_no_buffer_and_gives_the_memory_back_when_it_is_sent()
    {
        ControllerHarness harness = Lending();
        harness.HoldsOutput = true;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, Bytes)));
        Assert.Equal((0, 1, 0), (harness.Buffers.Rented, _lent.Pins, harness.Queue.ReturnedLoans));

        harness.HoldsOutput = false;
        harness.Settle();
        Assert.Equal(_lent.Bytes, harness.Read()[0].Data);
        Assert.Equal((0, 1), (_lent.Pins, harness.Queue.ReturnedLoans));
    }

    [Fact]
    public void The_memory_stays_lent_until_its_last_byte_is_taken()
    {
        ControllerHarness harness = Lending();
        harness.SendLimit = _ => 0;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, Bytes)));

        // Sends the header of 24 bytes, then all data except one byte, then that byte.
        foreach (int count in (int[])[24, Bytes - 1])
        {
            SendOnly(harness, count);
            Assert.Equal((1, 0), (_lent.Pins, harness.Queue.ReturnedLoans));
        }
        harness.SendLimit = null;
        harness.Settle();
        Assert.Equal((0, 1), (_lent.Pins, harness.Queue.ReturnedLoans));
        Assert.Equal(_lent.Bytes, harness.Read()[0].Data);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void With_a_data_digest_a_copy_is_sent_so_that_later_changes_do_not_break_it(int digests)
    {
        ControllerHarness harness = Lending(digests);
        byte[] before = [.. _lent.Bytes];
        harness.SendLimit = _ => 0;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, Bytes), digests: digests));
        Assert.Equal((1, 0, 1), (harness.Buffers.Rented, _lent.Pins, harness.Queue.ReturnedLoans));

        SendOnly(harness, 1000);
        _lent.Bytes.AsSpan().Fill(0xFF);
        harness.SendLimit = null;
        harness.Settle();

        // The PDU reader also checks the digest.
        Assert.Equal(before, harness.Read()[0].Data);
        Assert.Equal(0, harness.Buffers.Rented);
    }

    [Fact]
    public void Memory_that_is_asked_for_in_the_middle_of_a_send_comes_back_at_once_and_a_copy_is_sent()
    {
        ControllerHarness harness = Lending();
        CommandSlot? slot = null;
        harness.Queue.Execute = executed => Lend(slot = executed);
        harness.SendLimit = _ => 0;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, Bytes)));
        SendOnly(harness, 1000);
        byte[] before = [.. _lent.Bytes];

        Assert.True(slot!.TryReturnLentData());
        Assert.Equal((1, 0, 1), (harness.Buffers.Rented, _lent.Pins, harness.Queue.ReturnedLoans));
        _lent.Bytes.AsSpan().Fill(0xFF);
        harness.SendLimit = null;
        harness.Settle();
        Assert.Equal(before, harness.Read()[0].Data);
        Assert.Equal((0, 1), (harness.Buffers.Rented, harness.Queue.ReturnedLoans));
    }

    [Fact]
    public void Without_a_buffer_for_a_copy_the_memory_stays_lent()
    {
        ControllerHarness harness = Lending(buffers: new TestBuffers(ioBuffers: 0));
        CommandSlot? slot = null;
        harness.Queue.Execute = executed => Lend(slot = executed);
        harness.HoldsOutput = true;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, Bytes)));
        Assert.False(slot!.TryReturnLentData());
        Assert.Equal((1, 0), (_lent.Pins, harness.Queue.ReturnedLoans));
    }

    [Fact]
    public void A_connection_that_ends_gives_back_what_it_did_not_send()
    {
        ControllerHarness harness = Lending();
        harness.SendLimit = _ => 0;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, Bytes)));
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 2, Bytes)));
        SendOnly(harness, 100);
        harness.Connection.PeerClosed();
        Assert.Equal((0, 2), (_lent.Pins, harness.Queue.ReturnedLoans));
        Assert.Equal(0, harness.Connection.OutstandingCommands);
    }

    [Fact]
    public void What_is_lent_to_a_connection_that_has_ended_comes_back_at_once()
    {
        ControllerHarness harness = Lending();
        CommandSlot? slot = null;
        harness.Queue.Execute = executed => slot = executed;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, Bytes)));
        harness.Connection.PeerClosed();
        Lend(slot!);
        Assert.Equal((0, 1), (_lent.Pins, harness.Queue.ReturnedLoans));
    }

    [Fact]
    public void Memory_of_another_length_than_the_command_transfers_is_refused()
    {
        ControllerHarness harness = Lending();
        Exception? fault = null;
        harness.Queue.Execute = slot =>
        {
            fault = Record.Exception(() => slot.CompleteWithLentData(_lent.Memory[1..]));
            Lend(slot);
        };
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, Bytes)));
        Assert.IsType<InvalidOperationException>(fault);
        Assert.Equal(_lent.Bytes, harness.Read()[0].Data);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_write_that_is_done_with_at_once_is_handed_over_where_it_was_received(int digests)
    {
        ControllerHarness harness = new ControllerHarness().Connect(digests);
        harness.Queue.Handling = DataPlacement.Borrowed;
        long before = harness.Buffers.TotalRents;
        byte[] write = Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, Bytes), Pattern.Make(Bytes, 1), digests);
        harness.Send([.. write, .. Pdus.Capsule(Entries.InCapsule(Entries.Write, 2, 512), Pattern.Make(512, 2), digests)]);
        Assert.Equal([1, 2], harness.Read().Select(pdu => (int)pdu.CommandId));
        Assert.Equal(Pattern.Make(Bytes, 1), harness.Queue.Writes[0]);
        Assert.Equal(Pattern.Make(512, 2), harness.Queue.Writes[1]);
        Assert.Equal(before, harness.Buffers.TotalRents);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_write_that_comes_in_two_pieces_is_the_same_wherever_it_is_cut(int digests)
    {
        byte[] write = Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 512), Pattern.Make(512, 1), digests);
        for (int cut = 1; cut < write.Length; cut++)
        {
            ControllerHarness harness = new ControllerHarness().Connect(digests);
            harness.Queue.Handling = DataPlacement.Borrowed;
            harness.Send(write.AsSpan(0, cut));
            harness.Send(write.AsSpan(cut));
            Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
            Assert.Equal(Pattern.Make(512, 1), harness.Queue.Writes.Single());
            Assert.Equal(0, harness.Buffers.Rented);
        }
    }

    [Fact]
    public void A_damaged_write_does_not_reach_the_handler()
    {
        ControllerHarness harness = new ControllerHarness().Connect(digests: 2);
        harness.Queue.Handling = DataPlacement.Borrowed;
        byte[] write = Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 512), Pattern.Make(512, 1), 2);
        write[^1] ^= 1;
        harness.Send(write);
        Assert.Equal("0/22", harness.ExpectResponse(1).Status.ToString());
        Assert.Empty(harness.Queue.Writes);
        Assert.Equal([NvmeStatus.TransientTransportError], harness.Queue.Failures);
    }

    [Fact]
    public void A_handler_that_keeps_a_write_it_promised_to_be_done_with_is_found_out()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Queue.Handling = DataPlacement.Borrowed;
        harness.Queue.HoldsExecution = true;
        byte[] write = Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 512), Pattern.Make(512, 1));
        Assert.Throws<InvalidOperationException>(() => harness.Send(write));
    }

    private static void SendOnly(ControllerHarness harness, int count)
    {
        long left = count;
        harness.SendLimit = total =>
        {
            long sent = Math.Min(left, total);
            left -= sent;
            return sent;
        };
        harness.Settle();
    }

    private ControllerHarness Lending(int digests = 0, TestBuffers? buffers = null)
    {
        ControllerHarness harness = new ControllerHarness(buffers: buffers).Connect(digests);
        harness.Queue.Handling = DataPlacement.Lent;
        harness.Queue.Execute = Lend;
        return harness;
    }

    private void Lend(CommandSlot slot) => slot.CompleteWithLentData(_lent.Memory);

    /// <summary>Memory that counts its pins.</summary>
    private sealed class CountingMemory(int length) : MemoryManager<byte>
    {
        public byte[] Bytes { get; } = Pattern.Make(length, 3);

        public int Pins { get; private set; }

        public override Span<byte> GetSpan() => Bytes;

        public override unsafe MemoryHandle Pin(int elementIndex = 0)
        {
            Pins++;
            return new MemoryHandle(null, pinnable: this);
        }

        public override void Unpin() => Pins--;

        protected override void Dispose(bool disposing)
        {
        }
    }
}
