namespace ManagedNvmet.Protocol.Tests;

/// <summary>Data transfer in both directions: division into PDUs, in-capsule data, and the completion of a command.</summary>
public sealed class TransferTests
{
    private static readonly ConnectionLimits Small = new() { MaxH2CDataBytes = 4096, MaxC2HDataBytes = 4096, MaxTransferBytes = 65536 };

    [Theory]
    [InlineData(4, 1)]
    [InlineData(4096, 1)]
    [InlineData(4100, 2)]
    [InlineData(8192, 2)]
    [InlineData(65536, 16)]
    public void A_write_is_asked_for_in_ranges_of_MAXH2CDATA_one_after_the_other(int bytes, int ranges)
    {
        ControllerHarness harness = new ControllerHarness(Small).Connect();
        byte[] data = Pattern.Make(bytes, 5);
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, bytes)));
        for (int range = 0; range < ranges; range++)
        {
            ReceivedPdu grant = harness.Expect(PduType.R2T);
            Assert.Equal(range * 4096u, grant.Offset);
            Assert.Equal((uint)Math.Min(4096, bytes - (range * 4096)), grant.Length);
            harness.Send(Pdus.HostData(1, grant.TransferTag, (int)grant.Offset, data.AsSpan((int)grant.Offset, (int)grant.Length), true));
        }
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
        Assert.Equal(data, harness.Queue.Writes.Single());
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(4096, 1)]
    [InlineData(4100, 2)]
    [InlineData(65536, 16)]
    public void A_read_is_sent_in_PDUs_of_the_limit_and_the_last_says_so(int bytes, int pdus)
    {
        ControllerHarness harness = new ControllerHarness(Small).Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, bytes, 77)));
        List<ReceivedPdu> answer = harness.Read();
        Assert.Equal(pdus + 1, answer.Count);
        Assert.Equal(Pattern.Make(bytes, 77), answer.SelectMany(pdu => pdu.Data));
        for (int index = 0; index < pdus; index++)
        {
            Assert.Equal((uint)(index * 4096), answer[index].Offset);
            Assert.Equal(index == pdus - 1, answer[index].IsLast);
            Assert.False(answer[index].IsSuccess);
        }
        Assert.Equal(PduType.CapsuleResp, answer[^1].Type);
    }

    [Fact]
    public void The_success_flag_takes_the_place_of_the_response_only_without_flow_control()
    {
        ControllerHarness harness = new ControllerHarness(Small).Connect(disableFlowControl: true);
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 8192)));
        List<ReceivedPdu> answer = harness.Read();
        Assert.Equal([PduType.C2HData, PduType.C2HData], answer.Select(pdu => pdu.Type));
        Assert.False(answer[0].IsSuccess);
        Assert.True(answer[1].IsSuccess && answer[1].IsLast);
        Assert.Equal(0, harness.Connection.OutstandingCommands);
    }

    [Fact]
    public void The_success_flag_is_not_used_for_a_result_or_a_status_that_is_not_zero()
    {
        ControllerHarness harness = new ControllerHarness(Small).Connect(disableFlowControl: true);
        harness.Queue.Execute = slot => slot.Complete(NvmeStatus.Success, 0x1_0000_0000);
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 512)));
        List<ReceivedPdu> answer = harness.Read();
        Assert.Equal([PduType.C2HData, PduType.CapsuleResp], answer.Select(pdu => pdu.Type));
        Assert.False(answer[0].IsSuccess);
        Assert.Equal(0x1_0000_0000ul, answer[1].Result);

        // The status is success with More set. It needs a response, because the SUCCESS flag cannot carry the More bit.
        harness.Queue.Execute = slot => slot.Complete(NvmeStatus.Success.WithMore());
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 2, 512)));
        Assert.Equal([PduType.C2HData, PduType.CapsuleResp], harness.Read().Select(pdu => pdu.Type));
    }

    [Fact]
    public void A_read_of_nothing_sends_a_response_and_no_data()
    {
        ControllerHarness harness = new ControllerHarness().Connect(disableFlowControl: true);
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 0)));
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
    }

    [Fact]
    public void A_read_that_failed_sends_no_data()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Queue.Execute = slot => slot.Complete(NvmeStatus.LbaOutOfRange);
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 512)));
        Assert.Equal(NvmeStatus.LbaOutOfRange, harness.ExpectResponse(1).Status);
        Assert.Equal(0, harness.Buffers.Rented);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(31)]
    public void SQHD_counts_every_capsule_and_wraps_at_the_size_of_the_queue(ushort queueSize)
    {
        ControllerHarness harness = new ControllerHarness().Initialize();
        harness.Send(Pdus.Capsule(Entries.Connect(9, 1, queueSize), Entries.ConnectData()));
        Assert.Equal(1, harness.ExpectResponse(9).SubmissionQueueHead);
        for (int count = 2; count < 100; count++)
        {
            harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, (ushort)count, 0)));
            Assert.Equal(count % (queueSize + 1), harness.ExpectResponse((ushort)count).SubmissionQueueHead);
        }
    }

    [Fact]
    public void Without_flow_control_SQHD_is_all_ones_in_the_Connect_response_and_zero_later()
    {
        ControllerHarness harness = new ControllerHarness().Initialize();
        harness.Send(Pdus.Capsule(Entries.Connect(9, 1, 31, disableFlowControl: true), Entries.ConnectData()));
        Assert.Equal(0xFFFF, harness.ExpectResponse(9).SubmissionQueueHead);
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0)));
        Assert.Equal(0, harness.ExpectResponse(1).SubmissionQueueHead);
    }

    [Theory]
    [InlineData(8192, true)]
    [InlineData(8196, false)]
    public void The_admin_queue_takes_8192_bytes_in_a_capsule_and_no_more(int bytes, bool isValid) =>
        CheckCapsuleLimit(queueId: 0, ioLimit: 16384, bytes, isValid, isFatal: !isValid);

    [Theory]
    [InlineData(0, 4, false, false)]
    [InlineData(4096, 4096, true, false)]
    [InlineData(4096, 4100, false, false)]
    [InlineData(4096, 8192, false, false)]
    [InlineData(4096, 8196, false, true)]
    [InlineData(16384, 16384, true, false)]
    [InlineData(16384, 16388, false, true)]
    public void An_IO_queue_takes_what_IOCCSZ_says_in_a_capsule_and_no_more(int limit, int bytes, bool isValid, bool isFatal) =>
        CheckCapsuleLimit(queueId: 1, limit, bytes, isValid, isFatal);

    [Fact]
    public void A_Fabrics_command_may_have_8192_bytes_in_its_capsule_on_any_queue()
    {
        ControllerHarness harness = new ControllerHarness(new ConnectionLimits { IoInCapsuleBytes = 0 }).Connect();
        SubmissionEntry entry = Entries.InCapsule(SubmissionEntry.FabricsOpcode, 1, 8192);
        entry.FabricsType = 0x05;
        harness.Send(Pdus.Capsule(entry, Pattern.Make(8192, 1)));
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
        Assert.Equal(Pattern.Make(8192, 1), harness.Queue.Writes.Single());
    }

    [Fact]
    public void A_write_of_nothing_executes_without_data_however_it_is_described()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Send(Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 0)));
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 2, 0)));
        Assert.True(harness.ExpectResponse(2).Status.IsSuccess);
        Assert.Equal(2, harness.Queue.Writes.Count);
        Assert.All(harness.Queue.Writes, Assert.Empty);
    }

    [Theory]
    [InlineData(65536u, true)]
    [InlineData(65540u, false)]
    [InlineData(0x80000000u, false)]
    [InlineData(0xFFFFFFFFu, false)]
    public void A_transfer_beyond_the_limit_is_refused_before_anything_is_rented(uint bytes, bool isValid)
    {
        foreach (byte opcode in new[] { Entries.Read, Entries.Write })
        {
            ControllerHarness harness = new ControllerHarness(Small).Connect();
            SubmissionEntry entry = Entries.Transfer(opcode, 1, 0);
            entry.SglLength = bytes;
            harness.Send(Pdus.Capsule(entry));
            if (isValid)
                Assert.Contains(harness.Read()[0].Type, new[] { PduType.C2HData, PduType.R2T });
            else
                Assert.Equal(NvmeStatus.InvalidField, harness.ExpectResponse(1).Status);
            Assert.True(harness.Buffers.LargestRent <= 65536);
        }
    }

    public static TheoryData<string, SubmissionEntry, int, NvmeStatus> Sgls => new()
    {
        { "none for a flush", With(Entries.Transfer(Entries.Flush, 1, 0), sglType: 0, flags: 0), 0, NvmeStatus.Success },
        { "anything for a flush", With(Entries.Transfer(Entries.Flush, 1, 777), sglType: 0x33), 0, NvmeStatus.Success },
        { "data with a flush", Entries.InCapsule(Entries.Flush, 1, 64), 64, NvmeStatus.InvalidField },
        { "PRP", With(Entries.Transfer(Entries.Read, 1, 64), flags: 0), 0, NvmeStatus.InvalidField },
        { "PSDT 2", With(Entries.Transfer(Entries.Read, 1, 64), flags: 0x80), 0, NvmeStatus.Success },
        { "PSDT 3", With(Entries.Transfer(Entries.Read, 1, 64), flags: 0xC0), 0, NvmeStatus.InvalidField },
        { "bidirectional", Entries.Transfer(0x83, 1, 64), 0, NvmeStatus.InvalidField },
        { "in-capsule read", Entries.InCapsule(Entries.Read, 1, 64), 0, NvmeStatus.InvalidField },
        { "in-capsule read with data", Entries.InCapsule(Entries.Read, 1, 64), 64, NvmeStatus.InvalidField },
        { "in-capsule offset", With(Entries.InCapsule(Entries.Write, 1, 64), address: 4), 64, NvmeStatus.SglOffsetInvalid },
        { "in-capsule length too small", Entries.InCapsule(Entries.Write, 1, 60), 64, NvmeStatus.DataSglLengthInvalid },
        { "in-capsule length too large", Entries.InCapsule(Entries.Write, 1, 68), 64, NvmeStatus.DataSglLengthInvalid },
        { "in-capsule without data", Entries.InCapsule(Entries.Write, 1, 64), 0, NvmeStatus.DataSglLengthInvalid },
        { "data that was not announced", Entries.Transfer(Entries.Write, 1, 64), 64, NvmeStatus.InvalidField },
        { "data with a read", Entries.Transfer(Entries.Read, 1, 64), 64, NvmeStatus.InvalidField },
        { "data block by address", With(Entries.InCapsule(Entries.Write, 1, 64), sglType: 0), 64, NvmeStatus.SglDescriptorTypeInvalid },
        { "keyed data block", With(Entries.Transfer(Entries.Read, 1, 64), sglType: 0x4F), 0, NvmeStatus.SglDescriptorTypeInvalid },
        { "segment", With(Entries.Transfer(Entries.Write, 1, 64), sglType: 0x21), 0, NvmeStatus.SglDescriptorTypeInvalid },
    };

    [Theory]
    [MemberData(nameof(Sgls))]
    public void Every_form_of_SGL_has_its_status(string name, SubmissionEntry entry, int inCapsule, NvmeStatus expected)
    {
        Assert.NotNull(name);
        ControllerHarness harness = new ControllerHarness().Connect(digests: 3);
        harness.Send(Pdus.Capsule(entry, Pattern.Make(inCapsule, 1), 3));
        ReceivedPdu answer = harness.Read()[^1];
        Assert.Equal(PduType.CapsuleResp, answer.Type);
        Assert.Equal(expected, answer.Status);

        // The controller still parses the stream correctly.
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 2, 0), default, 3));
        Assert.True(harness.ExpectResponse(2).Status.IsSuccess);
        Assert.Equal(0, harness.Buffers.Rented);
    }

    [Fact]
    public void A_refused_command_is_answered_while_its_data_is_still_coming()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        byte[] capsule = Pdus.Capsule(With(Entries.InCapsule(Entries.Write, 1, 64), address: 4), new byte[64]);
        harness.Send(capsule.AsSpan(0, 100));
        Assert.Equal(NvmeStatus.SglOffsetInvalid, harness.ExpectResponse(1).Status);
        Assert.Equal(0, harness.Connection.OutstandingCommands);

        // The next command reuses identifier and slot. Its data must not be confused with the rest of the first command's data.
        harness.Send([.. capsule[100..], .. Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), Pattern.Make(64, 8))]);
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
        Assert.Equal(Pattern.Make(64, 8), harness.Queue.Writes.Single());
    }

    [Fact]
    public void A_command_that_is_ended_twice_ends_for_the_first_reason()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 64)));
        ushort tag = harness.Read().Single().TransferTag;
        CommandSlot slot = harness.Connection.Find(1)!;
        Assert.True(slot.TryAbort(NvmeStatus.CommandAborted));
        Assert.False(slot.TryAbort(NvmeStatus.InvalidNamespace));

        harness.Send(Pdus.HostData(1, tag, 0, new byte[64], isLast: true));
        Assert.Equal(NvmeStatus.CommandAborted, harness.ExpectResponse(1).Status);
        Assert.Empty(harness.Queue.Writes);
    }

    [Fact]
    public void Writes_of_several_commands_may_be_interleaved()
    {
        ControllerHarness harness = new ControllerHarness().Connect();
        for (ushort commandId = 1; commandId <= 3; commandId++)
            harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, commandId, 300)));
        ushort[] tags = [.. harness.Read().Select(pdu => pdu.TransferTag)];
        Assert.Equal(3, tags.Distinct().Count());
        for (int offset = 0; offset < 300; offset += 100)
        {
            for (ushort commandId = 1; commandId <= 3; commandId++)
            {
                byte[] part = Pattern.Make(300, commandId)[offset..(offset + 100)];
                harness.Send(Pdus.HostData(commandId, tags[commandId - 1], offset, part, offset == 200));
            }
        }
        Assert.Equal([1, 2, 3], harness.Read().Select(pdu => (int)pdu.CommandId));
        for (int seed = 1; seed <= 3; seed++)
            Assert.Equal(Pattern.Make(300, seed), harness.Queue.Writes[seed - 1]);
    }

    [Fact]
    public void A_Connect_may_have_its_data_asked_for()
    {
        ControllerHarness harness = new ControllerHarness().Initialize();
        SubmissionEntry connect = Entries.Connect(1);
        connect.SglType = SubmissionEntry.SglTransport;
        harness.Send(Pdus.Capsule(connect));
        Assert.Equal(1024u, harness.Expect(PduType.R2T).Length);
        harness.Send(Pdus.HostData(1, 0, 0, Entries.ConnectData(), true));
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
    }

    [Fact]
    public void Answers_of_a_deep_queue_that_do_not_fit_one_batch_follow_in_the_next()
    {
        ControllerHarness harness =
            new ControllerHarness(new ConnectionLimits { MaxC2HDataBytes = 4096 }, hpda: 31).Connect(3, queueSize: 1023);
        for (ushort commandId = 0; commandId < 1000; commandId++)
            harness.Feed(Pdus.Capsule(Entries.Transfer(Entries.Read, commandId, 8192, commandId), digests: 3));
        harness.Settle();
        List<ReceivedPdu> answer = harness.Read();
        Assert.Equal(3000, answer.Count);
        for (int commandId = 0; commandId < 1000; commandId++)
        {
            byte[] data = [.. answer[commandId * 3].Data, .. answer[(commandId * 3) + 1].Data];
            Assert.Equal(Pattern.Make(8192, commandId), data);
        }
        Assert.Equal(0, harness.Connection.OutstandingCommands);
        Assert.Equal(0, harness.Buffers.Rented);
    }

    private static void CheckCapsuleLimit(ushort queueId, int ioLimit, int bytes, bool isValid, bool isFatal)
    {
        ControllerHarness harness = new ControllerHarness(new ConnectionLimits { IoInCapsuleBytes = ioLimit }).Connect(queueId: queueId);
        long rents = harness.Buffers.TotalRents;
        harness.Send(Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, bytes), Pattern.Make(bytes, 2)));
        if (isFatal)
        {
            ReceivedPdu termination = harness.Expect(PduType.C2HTermReq);
            Assert.Equal((FatalErrorStatus.InvalidHeaderField, 4u), (termination.FatalStatus, termination.FatalInformation));
        }
        else
        {
            Assert.Equal(isValid ? NvmeStatus.Success : NvmeStatus.DataSglLengthInvalid, harness.ExpectResponse(1).Status);
        }
        Assert.Equal(isValid ? [Pattern.Make(bytes, 2)] : [], harness.Queue.Writes);
        Assert.Equal(isValid ? 1 : 0, harness.Buffers.TotalRents - rents);
    }

    private static SubmissionEntry With(SubmissionEntry entry, byte? sglType = null, byte? flags = null, ulong? address = null)
    {
        entry.SglType = sglType ?? entry.SglType;
        entry.Flags = flags ?? entry.Flags;
        if (address is { } value)
            entry.SglAddress = value;
        return entry;
    }
}
