namespace ManagedNvmet.Protocol.Tests;

/// <summary>Each invalid header of a host, beside the nearest valid one. The tests check the Fatal Error Status, its information, the copy
/// of the offending header, and the following behaviour of the connection.</summary>
public sealed class ReceiveRulesTests
{
    private const FatalErrorStatus Field = FatalErrorStatus.InvalidHeaderField;
    private const FatalErrorStatus Sequence = FatalErrorStatus.PduSequenceError;

    public static TheoryData<byte> ReservedTypes =>
        [.. Enumerable.Range(0, 256).Where(type => type is not (0 or 2 or 4 or 6)).Select(type => (byte)type)];

    [Fact]
    public void The_first_PDU_must_be_an_ICReq()
    {
        byte[] capsule = Pdus.Capsule(Entries.Connect(1), Entries.ConnectData());
        ExpectFatal(new ControllerHarness(), capsule, Sequence, 0, 8);
        ExpectFatal(new ControllerHarness(), Pdus.HostData(1, 0, 0, new byte[4], true), Sequence, 0, 8);
        new ControllerHarness().Initialize();
    }

    [Fact]
    public void A_second_ICReq_is_out_of_sequence()
    {
        ExpectFatal(new ControllerHarness().Initialize(), Pdus.InitializeRequest(), Sequence, 0, 8);
        ExpectFatal(new ControllerHarness().Connect(), Pdus.InitializeRequest(), Sequence, 0, 8);
    }

    [Theory]
    [MemberData(nameof(ReservedTypes))]
    public void A_type_that_is_reserved_or_of_the_other_direction_is_an_invalid_field(byte type)
    {
        byte[] pdu = Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0)).With(0, type);
        ExpectFatal(new ControllerHarness(), pdu, Field, 0, 8);
        ExpectFatal(new ControllerHarness().Connect(), pdu, Field, 0, 8);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(0, 3)]
    [InlineData(1, 0)]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(3, 0)]
    public void Digest_flags_that_were_not_agreed_on_are_an_invalid_field(int digests, byte flags)
    {
        byte[] capsule = Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0), digests: digests);
        capsule[1] = flags;
        ExpectFatal(new ControllerHarness().Connect(digests), capsule, Field, 1, 8);

        ControllerHarness harness = WithGrant(digests);
        byte[] data = Pdus.HostData(1, 0, 0, new byte[64], true, digests);
        data[1] = (byte)(flags | 4);
        ExpectFatal(harness, data, Field, 1, 8);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_missing_data_digest_flag_is_an_invalid_field_where_there_is_data(int digests)
    {
        byte[] data = Pdus.HostData(1, 0, 0, new byte[64], true, digests);
        data[1] &= 0xFD;
        ExpectFatal(WithGrant(digests), data, Field, 1, 8);
        byte[] capsule = Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), new byte[64], digests);
        capsule[1] &= 0xFD;
        ExpectFatal(new ControllerHarness().Connect(digests), capsule, Field, 1, 8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_data_digest_flag_without_data_does_no_harm_once_data_digests_are_on(byte flags)
    {
        ControllerHarness harness = new ControllerHarness().Connect(digests: 2);
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0)).With(1, flags));
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
    }

    [Theory]
    [InlineData(0xF0)]
    [InlineData(0xFC)]
    [InlineData(0x10)]
    public void Reserved_flags_are_ignored(byte flags)
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0)).With(1, flags));
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
        var fresh = new ControllerHarness();
        fresh.Send(Pdus.InitializeRequest().With(1, (byte)(flags | 3)));
        fresh.Expect(PduType.ICResp);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(23)]
    [InlineData(24)]
    [InlineData(71)]
    [InlineData(73)]
    [InlineData(128)]
    [InlineData(255)]
    public void A_capsule_has_a_header_of_72_bytes(byte headerLength)
    {
        byte[] pdu = Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0)).With(2, headerLength);
        ExpectFatal(new ControllerHarness().Connect(), pdu, Field, 2, 8);
    }

    [Theory]
    [InlineData(23)]
    [InlineData(25)]
    [InlineData(72)]
    public void An_H2CData_PDU_has_a_header_of_24_bytes(byte headerLength) =>
        ExpectFatal(WithGrant(), Pdus.HostData(1, 0, 0, new byte[64], true).With(2, headerLength), Field, 2, 8);

    [Theory]
    [InlineData(127)]
    [InlineData(129)]
    [InlineData(24)]
    public void An_ICReq_has_a_header_of_128_bytes(byte headerLength) =>
        ExpectFatal(new ControllerHarness(), Pdus.InitializeRequest().With(2, headerLength), Field, 2, 8);

    [Theory]
    [InlineData(0, 24, true)]
    [InlineData(0, 20, false)]
    [InlineData(0, 0, false)]
    [InlineData(0, 25, false)]
    [InlineData(0, 26, false)]
    [InlineData(0, 28, true)]
    [InlineData(1, 24, false)]
    [InlineData(1, 28, true)]
    [InlineData(0, 128, true)]
    [InlineData(0, 132, false)]
    [InlineData(0, 255, false)]
    public void Data_begins_behind_the_header_on_a_dword_and_not_beyond_128(int digests, int dataOffset, bool isValid)
    {
        ControllerHarness harness = WithGrant(digests);
        int start = Math.Max(dataOffset, (digests & 1) != 0 ? 28 : 24);
        byte[] pdu = Pdus.HostData(1, 0, 0, Pattern.Make(64, 3), true, digests, start).With(3, (byte)dataOffset);
        if (isValid)
        {
            harness.Send(pdu);
            Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
            Assert.Equal(Pattern.Make(64, 3), harness.Queue.Writes.Single());
            return;
        }
        ExpectFatal(harness, pdu, Field, 3, 8);
    }

    [Fact]
    public void A_data_offset_behind_the_end_of_the_PDU_is_an_invalid_data_offset()
    {
        byte[] pdu = Pdus.HostData(1, 0, 0, new byte[64], true).With(3, 128);
        ExpectFatal(WithGrant(), pdu, Field, 3, 8);
        byte[] capsule = Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 16), new byte[16]).With(3, 92);
        ExpectFatal(new ControllerHarness().Connect(), capsule, Field, 3, 8);
    }

    [Theory]
    [InlineData(0, 71u)]
    [InlineData(0, 0u)]
    [InlineData(0, 8u)]
    [InlineData(1, 72u)]
    [InlineData(1, 75u)]
    public void A_capsule_is_not_shorter_than_its_header_and_digest(int digests, uint length) =>
        ExpectFatal(new ControllerHarness().Connect(digests),
            Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0), digests: digests).With32(4, length), Field, 4, 8);

    [Theory]
    [InlineData(0u)]
    [InlineData(8u)]
    [InlineData(127u)]
    [InlineData(129u)]
    [InlineData(0xFFFFFFFFu)]
    public void An_ICReq_has_exactly_128_bytes(uint length) =>
        ExpectFatal(new ControllerHarness(), Pdus.InitializeRequest().With32(4, length), Field, 4, 8);

    [Theory]
    [InlineData(0, 24)]
    [InlineData(2, 24)]
    [InlineData(2, 28)]
    [InlineData(3, 28)]
    [InlineData(3, 32)]
    public void An_H2CData_PDU_without_data_is_an_invalid_length(int digests, uint length)
    {
        byte[] pdu = Pdus.HostData(1, 0, 0, new byte[64], true, digests).With32(4, length);
        ExpectFatal(WithGrant(digests), pdu, Field, 4, 8);
    }

    [Theory]
    [InlineData(0xFFFFFFFFu)]
    [InlineData(0x80000000u)]
    [InlineData(0x7FFFFFFFu)]
    [InlineData(1u << 20)]
    public void Eight_bytes_that_announce_a_huge_PDU_cost_nothing(uint length)
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        long rents = harness.Buffers.TotalRents;
        byte[] header = [4, 0, 72, 72, .. BitConverter.GetBytes(length)];
        ExpectFatal(harness, header, Field, 4, 8);
        Assert.Equal(rents, harness.Buffers.TotalRents);

        ControllerHarness granted = WithGrant();
        rents = granted.Buffers.TotalRents;
        byte[] data = Pdus.HostData(1, 0, 0, new byte[64], true).With32(4, length);
        if (length > 1 << 30)
            ExpectFatal(granted, data.AsSpan(0, 8), Field, 4, 8);
        else
            ExpectFatal(granted, data.AsSpan(0, 24), Field, 16, 24);
        Assert.Equal(rents, granted.Buffers.TotalRents);
    }

    [Theory]
    [InlineData(1, FatalErrorStatus.UnsupportedParameter, 8)]
    [InlineData(0x100, FatalErrorStatus.UnsupportedParameter, 8)]
    [InlineData(0xFFFF, FatalErrorStatus.UnsupportedParameter, 8)]
    public void Only_PDU_format_version_0_is_supported(ushort version, FatalErrorStatus status, uint offset) =>
        ExpectFatal(new ControllerHarness(), Pdus.InitializeRequest(formatVersion: version), status, offset, 128);

    [Theory]
    [InlineData(32)]
    [InlineData(255)]
    public void An_alignment_beyond_31_is_an_invalid_field(byte hpda) =>
        ExpectFatal(new ControllerHarness(), Pdus.InitializeRequest(hpda), Field, 10, 128);

    [Fact]
    public void The_lowest_of_two_wrong_fields_is_named()
    {
        ExpectFatal(new ControllerHarness(), Pdus.InitializeRequest(40, formatVersion: 1), FatalErrorStatus.UnsupportedParameter, 8, 128);
        byte[] capsule = Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0));
        ExpectFatal(new ControllerHarness().Connect(), capsule.With(1, 1, 71, 1).With32(4, 3), Field, 1, 8);
        ExpectFatal(new ControllerHarness().Connect(), capsule.With(2, 71, 1).With32(4, 3), Field, 2, 8);
    }

    [Theory]
    [InlineData(0x04, 0)]
    [InlineData(0xFF, 3)]
    [InlineData(0xFD, 1)]
    public void Reserved_bits_of_the_digest_field_are_ignored(byte requested, byte enabled)
    {
        var harness = new ControllerHarness();
        harness.Send(Pdus.InitializeRequest(digests: requested));
        Assert.Equal(enabled, harness.Expect(PduType.ICResp).Header[11]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_wrong_header_digest_is_fatal_and_comes_back_as_it_was_received(int digests)
    {
        byte[] capsule = Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0), digests: digests);
        BitConverter.GetBytes(0x12345678).CopyTo(capsule, 72);
        ExpectFatal(new ControllerHarness().Connect(digests), capsule, FatalErrorStatus.HeaderDigestError, 0x12345678, 72);

        byte[] data = Pdus.HostData(1, 0, 0, new byte[64], true, digests);
        BitConverter.GetBytes(0x12345678).CopyTo(data, 24);
        ExpectFatal(WithGrant(digests), data, FatalErrorStatus.HeaderDigestError, 0x12345678, 24);
    }

    [Fact]
    public void The_header_digest_is_checked_before_the_fields_that_it_covers()
    {
        // The transfer tag is wrong too, but the digest is checked before any field.
        byte[] data = Pdus.HostData(1, 999, 0, new byte[64], true, 1);
        data[24] ^= 1;
        ExpectFatal(WithGrant(1), data, FatalErrorStatus.HeaderDigestError, BitConverter.ToUInt32(data, 24), 24);
    }

    [Theory]
    [InlineData(4096, true)]
    [InlineData(4100, false)]
    public void More_data_in_a_PDU_than_MAXH2CDATA_exceeds_the_limit(int length, bool isValid)
    {
        ControllerHarness harness = new ControllerHarness(new ConnectionLimits { MaxH2CDataBytes = 4096 }).Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 8192)));
        Assert.Equal(4096u, harness.Expect(PduType.R2T).Length);
        byte[] pdu = Pdus.HostData(1, 0, 0, new byte[length], true);
        if (!isValid)
        {
            ExpectFatal(harness, pdu, FatalErrorStatus.LimitExceeded, 0, 24);
            return;
        }
        harness.Send(pdu);
        Assert.Equal(4096u, harness.Expect(PduType.R2T).Offset);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(0xFFFF)]
    public void A_transfer_tag_that_is_not_outstanding_is_an_invalid_field(ushort tag) =>
        ExpectFatal(WithGrant(), Pdus.HostData(1, tag, 0, new byte[64], true), Field, 10, 24);

    [Fact]
    public void Data_after_the_command_has_ended_names_a_tag_that_is_not_outstanding()
    {
        ControllerHarness harness = WithGrant();
        harness.Send(Pdus.HostData(1, 0, 0, new byte[64], true));
        harness.ExpectResponse(1);
        ExpectFatal(harness, Pdus.HostData(1, 0, 0, new byte[64], true), Field, 10, 24);
    }

    [Fact]
    public void Data_for_another_command_than_the_tags_is_out_of_sequence() =>
        ExpectFatal(WithGrant(), Pdus.HostData(2, 0, 0, new byte[64], true), Sequence, 0, 24);

    [Fact]
    public void Data_for_a_command_that_was_never_granted_any_is_out_of_sequence()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Queue.HoldsExecution = true;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));
        ExpectFatal(harness, Pdus.HostData(1, 0, 0, new byte[64], true), Sequence, 0, 24);
        harness.Queue.FinishHeld();
        Assert.Equal(0, harness.Buffers.Rented);
    }

    [Fact]
    public void Data_that_comes_before_its_R2T_has_been_sent_is_out_of_sequence()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.HoldsOutput = true;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 64)));
        harness.Feed(Pdus.HostData(1, 0, 0, new byte[64], true));
        harness.HoldsOutput = false;
        harness.Settle();
        ExpectTermination(harness, Sequence, 0, 24);
    }

    [Theory]
    [InlineData(60u)]
    [InlineData(68u)]
    [InlineData(0u)]
    [InlineData(0xFFFFFFFFu)]
    public void A_data_length_that_is_not_the_length_of_the_data_is_an_invalid_field(uint length) =>
        ExpectFatal(WithGrant(), Pdus.HostData(1, 0, 0, new byte[64], true).With32(16, length), Field, 16, 24);

    [Theory]
    [InlineData(4u)]
    [InlineData(64u)]
    [InlineData(0xFFFFFFFCu)]
    [InlineData(0x80000000u)]
    public void Data_beyond_the_range_of_its_R2T_is_out_of_range(uint offset) =>
        ExpectFatal(
            WithGrant(), Pdus.HostData(1, 0, 0, new byte[64], true).With32(12, offset), FatalErrorStatus.DataTransferOutOfRange, 0, 24);

    [Fact]
    public void Data_before_the_range_of_its_R2T_is_out_of_range()
    {
        ControllerHarness harness = new ControllerHarness(new ConnectionLimits { MaxH2CDataBytes = 4096 }).Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 8192)));
        harness.Send(Pdus.HostData(1, 0, 0, new byte[4096], true));
        harness.Read();
        ExpectFatal(harness, Pdus.HostData(1, 0, 4092, new byte[64], false), FatalErrorStatus.DataTransferOutOfRange, 0, 24);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(12)]
    public void Data_in_range_but_not_where_the_last_ended_is_out_of_sequence(int offset)
    {
        ControllerHarness harness = WithGrant();
        harness.Send(Pdus.HostData(1, 0, 0, new byte[8], false));
        ExpectFatal(harness, Pdus.HostData(1, 0, offset, new byte[8], false), Sequence, 0, 24);
    }

    [Fact]
    public void LAST_PDU_before_the_range_is_complete_is_out_of_sequence() =>
        ExpectFatal(WithGrant(), Pdus.HostData(1, 0, 0, new byte[60], isLast: true), Sequence, 0, 24);

    [Fact]
    public void A_missing_LAST_PDU_at_the_end_does_no_harm()
    {
        ControllerHarness harness = WithGrant();
        harness.Send(Pdus.HostData(1, 0, 0, new byte[64], isLast: false));
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
    }

    [Fact]
    public void Lengths_and_offsets_need_not_be_dwords()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 13)));
        harness.Expect(PduType.R2T);
        harness.Send(Pdus.HostData(1, 0, 0, Pattern.Make(13, 1).AsSpan(0, 6), false));
        harness.Send(Pdus.HostData(1, 0, 6, Pattern.Make(13, 1).AsSpan(6), true));
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
        Assert.Equal(Pattern.Make(13, 1), harness.Queue.Writes.Single());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    public void As_many_commands_as_the_queue_has_entries_may_be_outstanding_and_no_more(ushort queueSize)
    {
        ControllerHarness harness = new ControllerHarness().Connect(queueSize: queueSize);
        harness.Queue.HoldsExecution = true;
        for (int commandId = 0; commandId <= queueSize; commandId++)
            harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, (ushort)commandId, 0)));
        Assert.Equal(queueSize + 1, harness.Connection.OutstandingCommands);
        Assert.Empty(harness.Read());
        ExpectFatal(harness, Pdus.Capsule(Entries.Transfer(Entries.Flush, 999, 0)), Sequence, 0, 72);
        harness.Queue.FinishHeld();
        Assert.Equal(0, harness.Connection.OutstandingCommands);
    }

    [Fact]
    public void A_command_identifier_in_use_is_a_conflict_of_the_new_command_only()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Queue.HoldsExecution = true;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 64)));
        harness.Send(Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), new byte[64]));
        Assert.Equal(NvmeStatus.CommandIdConflict, harness.ExpectResponse(1).Status);
        Assert.Single(harness.Queue.Held);

        // The first command is still outstanding with this identifier.
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0)));
        Assert.Equal(NvmeStatus.CommandIdConflict, harness.ExpectResponse(1).Status);
        harness.Queue.FinishHeld();
        harness.Settle();
        Assert.Equal([PduType.C2HData, PduType.CapsuleResp], harness.Read().Select(pdu => pdu.Type));
        harness.Queue.HoldsExecution = false;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0)));
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
    }

    [Fact]
    public void A_capsule_before_Connect_reaches_the_handler_which_refuses_it()
    {
        ControllerHarness harness = new ControllerHarness().Initialize();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0)));
        Assert.Equal(NvmeStatus.CommandSequenceError, harness.ExpectResponse(1).Status);
        harness.Send(Pdus.Capsule(Entries.Connect(2), Entries.ConnectData()));
        Assert.True(harness.ExpectResponse(2).Status.IsSuccess);
    }

    [Fact]
    public void Before_Connect_there_is_one_command_at_a_time()
    {
        ControllerHarness harness = new ControllerHarness().Initialize();
        byte[] capsule = Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0));
        harness.Feed(capsule);
        harness.Feed(capsule);
        harness.Settle();
        ExpectTermination(harness, Sequence, 0, 72);
    }

    /// <summary>Returns a connection with a write of 64 bytes for which the controller has sent an R2T.</summary>
    private static ControllerHarness WithGrant(int digests = 0)
    {
        ControllerHarness harness = new ControllerHarness().Connect(digests);
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 64), digests: digests));
        ReceivedPdu grant = harness.Expect(PduType.R2T);
        Assert.Equal((0, 0u, 64u), (grant.TransferTag, grant.Offset, grant.Length));
        return harness;
    }

    private static void ExpectFatal(
        ControllerHarness harness, ReadOnlySpan<byte> pdu, FatalErrorStatus status, uint information, int copied)
    {
        harness.Send(pdu);
        ReceivedPdu termination = ExpectTermination(harness, status, information, copied);
        Assert.Equal(pdu[..copied].ToArray(), termination.Data);
    }

    private static ReceivedPdu ExpectTermination(ControllerHarness harness, FatalErrorStatus status, uint information, int copied)
    {
        ReceivedPdu termination = harness.Read()[^1];
        Assert.Equal($"C2HTermReq fes={status} fei={information} copy={copied}", termination.ToString());
        Assert.Equal([CloseReason.ProtocolError], harness.Queue.CloseReasons);
        Assert.Equal(new PduError(status, information), harness.Connection.Error);
        Assert.False(harness.Connection.IsOpen);
        Assert.False(harness.Connection.IsFinished);

        // The connection discards all later input.
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 7, 0)));
        harness.Send(new byte[300]);
        Assert.Empty(harness.Read());
        Assert.Equal(0, harness.UntakenBytes);
        harness.Connection.PeerClosed();
        Assert.True(harness.Connection.IsFinished);
        Assert.Single(harness.Queue.CloseReasons);
        Assert.Equal(harness.Queue.Held.Count, harness.Connection.OutstandingCommands);
        Assert.Equal(harness.Queue.Held.Count(slot => slot.SglLength > 0), harness.Buffers.Rented);
        return termination;
    }
}
