namespace ManagedNvmet.Protocol.Tests;

/// <summary>The data of a write is received where the device keeps it, and is never there by parts of a block.</summary>
public sealed class PlacingTests
{
    private const int Block = 512;
    private const int Bytes = 8 * Block;

    private readonly byte[] _place = new byte[Bytes];
    private readonly byte[] _data = Pattern.Make(Bytes, 9);

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(1024)]
    [InlineData(1500)]
    [InlineData(Bytes)]
    public void Blocks_appear_whole_and_in_order_however_the_stream_is_cut(int piece)
    {
        ControllerHarness harness = Placing();
        byte[] pdu = Pdus.HostData(1, Begin(harness, 1), 0, _data, true);
        int header = pdu.Length - Bytes;
        for (int sent = 0; sent < pdu.Length; sent += piece)
        {
            int end = Math.Min(pdu.Length, sent + piece);
            harness.Send(pdu.AsSpan(sent..end));
            int blocks = Math.Max(0, end - header) / Block;
            Assert.Equal(_data.AsSpan(0, blocks * Block), _place.AsSpan(0, blocks * Block));
            Assert.False(_place.AsSpan(blocks * Block).ContainsAnyExcept((byte)0));
        }
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
        Assert.Contains((ushort)1, harness.Queue.Executed);
        Assert.Equal(0, harness.Buffers.Rented);
        Assert.Equal(0, harness.Connection.OutstandingCommands);
    }

    [Fact]
    public void The_direct_way_is_offered_for_whole_blocks_and_only_between_them()
    {
        ControllerHarness harness = Placing();
        byte[] pdu = Pdus.HostData(1, Begin(harness, 1), 0, _data, true);
        int header = pdu.Length - Bytes;
        harness.Feed(pdu.AsSpan(0, header));
        Assert.Equal(Block, harness.Connection.DirectUnit);
        Assert.Equal(Bytes, harness.Connection.DirectReceive.Length);

        _data.AsSpan(0, 2 * Block).CopyTo(harness.Connection.DirectReceive.Span);
        harness.Connection.ReceivedDirect(2 * Block);
        harness.Feed(_data.AsSpan(2 * Block, 100));
        Assert.True(harness.Connection.DirectReceive.IsEmpty);
        harness.Feed(_data.AsSpan((2 * Block) + 100, Block - 100));
        Assert.Equal(5 * Block, harness.Connection.DirectReceive.Length);

        harness.Send(_data.AsSpan(3 * Block));
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
        Assert.Equal(_data, _place);
    }

    [Fact]
    public void Data_that_has_to_be_checked_first_comes_in_a_buffer()
    {
        ControllerHarness harness = Placing(digests: 2);
        harness.Send(Pdus.HostData(1, Begin(harness, 1), 0, _data, true, digests: 2).With(100, 1, 2, 3));
        Assert.Equal("0/22", harness.ExpectResponse(1).Status.ToString());
        Assert.False(_place.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void A_connection_that_breaks_leaves_whole_blocks_and_no_command()
    {
        ControllerHarness harness = Placing();
        byte[] pdu = Pdus.HostData(1, Begin(harness, 1), 0, _data, true);
        harness.Send(pdu.AsSpan(0, pdu.Length - Bytes + (3 * Block) + 200));
        harness.Connection.PeerClosed();
        Assert.Equal(_data.AsSpan(0, 3 * Block), _place.AsSpan(0, 3 * Block));
        Assert.False(_place.AsSpan(3 * Block).ContainsAnyExcept((byte)0));
        Assert.Equal(0, harness.Connection.OutstandingCommands);
        Assert.DoesNotContain((ushort)1, harness.Queue.Executed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(24)]
    [InlineData(24 + Block)]
    [InlineData(24 + Block + 200)]
    public void After_an_abort_nothing_reaches_the_place_any_more(int sentBefore)
    {
        ControllerHarness harness = Placing();
        byte[] pdu = Pdus.HostData(1, Begin(harness, 1), 0, _data, true);
        harness.Send(pdu.AsSpan(0, sentBefore));
        Assert.True(harness.Connection.Find(1)!.TryAbort(NvmeStatus.CommandAborted));
        byte[] before = [.. _place];
        harness.UsesDirectReceive = true;
        harness.Send(pdu.AsSpan(sentBefore));
        Assert.Equal(NvmeStatus.CommandAborted, harness.ExpectResponse(1).Status);
        Assert.Equal(before, _place);
        Assert.DoesNotContain((ushort)1, harness.Queue.Executed);

        harness.Send(Pdus.HostData(2, Begin(harness, 2), 0, _data, true));
        Assert.True(harness.ExpectResponse(2).Status.IsSuccess);
        Assert.Equal(_data, _place);
        Assert.Equal(0, harness.Buffers.Rented);
    }

    [Fact]
    public void A_host_that_cuts_blocks_loses_nothing_and_gets_buffers_from_then_on()
    {
        ControllerHarness harness = Placing();
        ushort tag = Begin(harness, 1);
        ushort other = Begin(harness, 2);
        harness.Send(Pdus.HostData(1, tag, 0, _data.AsSpan(0, 700), false));
        harness.Send(Pdus.HostData(1, tag, 700, _data.AsSpan(700), true));
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
        Assert.Equal(_data, _place);

        _place.AsSpan().Clear();
        harness.Send(Pdus.HostData(2, other, 0, _data, true));
        Assert.True(harness.ExpectResponse(2).Status.IsSuccess);
        Assert.Equal(_data, _place);

        _place.AsSpan().Clear();
        tag = Begin(harness, 3);
        Assert.Equal(1, harness.Buffers.Rented);
        harness.Send(Pdus.HostData(3, tag, 0, _data, true));
        Assert.True(harness.ExpectResponse(3).Status.IsSuccess);
        Assert.Equal(_data, harness.Queue.Writes[^1]);
        Assert.False(_place.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Ranges_of_MAXH2CDATA_follow_each_other_in_the_place()
    {
        ControllerHarness harness = Placing(limits: new ConnectionLimits { MaxH2CDataBytes = 4096, MaxTransferBytes = 65536 });
        byte[] large = new byte[32 * Block];
        byte[] written = Pattern.Make(large.Length, 4);
        harness.Queue.Place = _ => large;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, large.Length)));
        for (int offset = 0; offset < large.Length; offset += 4096)
            harness.Send(Pdus.HostData(1, harness.Expect(PduType.R2T).TransferTag, offset, written.AsSpan(offset, 4096), true));
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
        Assert.Equal(written, large);
        Assert.Equal(written, harness.Queue.Writes.Single());
    }

    private ControllerHarness Placing(int digests = 0, ConnectionLimits? limits = null)
    {
        ControllerHarness harness = new ControllerHarness(limits).Connect(digests);
        harness.Queue.Handling = DataHandling.AtOnce;
        harness.Queue.Place = _ => _place;
        harness.Queue.PlaceUnit = Block;
        return harness;
    }

    private static ushort Begin(ControllerHarness harness, ushort commandId)
    {
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, commandId, Bytes), digests: harness.Digests));
        return harness.Expect(PduType.R2T).TransferTag;
    }
}
