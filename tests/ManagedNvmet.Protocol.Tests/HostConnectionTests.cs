namespace ManagedNvmet.Protocol.Tests;

/// <summary>The host's end of a connection with a controller that breaks the protocol.</summary>
public sealed class HostConnectionTests
{
    private const FatalErrorStatus Field = FatalErrorStatus.InvalidHeaderField;
    private const FatalErrorStatus Sequence = FatalErrorStatus.PduSequenceError;

    [Fact]
    public void The_ICReq_is_what_was_asked_for()
    {
        var harness = new HostHarness(new HostConnectionOptions { HeaderDigest = true, DataAlignment = 7 });
        harness.Settle();
        Assert.Equal(Pdus.InitializeRequest(7, 1), harness.TakeOutput());
    }

    public static TheoryData<string, byte[], FatalErrorStatus, uint> BadInitializations => new()
    {
        { "PFV", HostHarness.ICResp().With(8, 1), FatalErrorStatus.UnsupportedParameter, 8 },
        { "CPDA", HostHarness.ICResp().With(10, 32), Field, 10 },
        { "a digest that was not asked for", HostHarness.ICResp().With(11, 1), Field, 11 },
        { "MAXH2CDATA too small", HostHarness.ICResp().With32(12, 4092), Field, 12 },
        { "MAXH2CDATA no dwords", HostHarness.ICResp().With32(12, 4098), Field, 12 },
        { "PLEN", HostHarness.ICResp().With32(4, 127), Field, 4 },
        { "another PDU first", HostHarness.Response(0), Sequence, 0 },
        { "a PDU of a host", Pdus.InitializeRequest(), Field, 0 },
    };

    [Theory]
    [MemberData(nameof(BadInitializations))]
    public void A_wrong_ICResp_ends_the_connection(string name, byte[] pdu, FatalErrorStatus status, uint information)
    {
        Assert.NotNull(name);
        var harness = new HostHarness();
        harness.Settle();
        harness.TakeOutput();
        harness.Send(pdu);
        harness.ExpectTermination(status, information);
    }

    public static TheoryData<string, byte[], FatalErrorStatus, uint> BadAnswers => new()
    {
        { "ICResp again", HostHarness.ICResp(), Sequence, 0 },
        { "response to nothing", HostHarness.Response(999), Sequence, 0 },
        { "R2T for a read", HostHarness.R2T(HostHarness.FirstCommandId, 0, 0, 64), Field, 8 },
        { "R2T for nothing", HostHarness.R2T(999, 0, 0, 64), Field, 8 },
        { "data for nothing", HostHarness.Data(999, 0, new byte[64]), Field, 8 },
        {
            "data beyond the end",
            HostHarness.Data(HostHarness.FirstCommandId, 0, new byte[68]),
            FatalErrorStatus.DataTransferOutOfRange,
            0
        },
        {
            "data at a huge offset",
            HostHarness.Data(HostHarness.FirstCommandId, 0xFFFFFFFC, new byte[64]),
            FatalErrorStatus.DataTransferOutOfRange,
            0
        },
        { "data with a gap", HostHarness.Data(HostHarness.FirstCommandId, 4, new byte[60]), Sequence, 0 },
        { "last too early", HostHarness.Data(HostHarness.FirstCommandId, 0, new byte[60], 4), Sequence, 0 },
        { "success without last", HostHarness.Data(HostHarness.FirstCommandId, 0, new byte[64], 8), Sequence, 0 },
        { "DATAL", HostHarness.Data(HostHarness.FirstCommandId, 0, new byte[64]).With32(16, 60), Field, 16 },
        { "huge PDU", HostHarness.Data(HostHarness.FirstCommandId, 0, new byte[64]).With32(4, 0xFFFFFFFF), Field, 4 },
        { "PDO 255", HostHarness.Data(HostHarness.FirstCommandId, 0, new byte[64]).With(3, 255), Field, 3 },
        { "HLEN 255", HostHarness.Response(HostHarness.FirstCommandId).With(2, 255), Field, 2 },
    };

    [Theory]
    [MemberData(nameof(BadAnswers))]
    public void A_wrong_answer_ends_the_connection_and_the_command_with_it(
        string name, byte[] pdu, FatalErrorStatus status, uint information)
    {
        Assert.NotNull(name);
        HostHarness harness = new HostHarness().Initialize();
        TestCommand command = harness.Submit(Entries.Read, new byte[64]);
        harness.TakeOutput();
        harness.Send(pdu);
        harness.ExpectTermination(status, information);
        Assert.Equal(1, command.Completions);
        Assert.Equal("3/00", command.Status.ToString());
    }

    [Fact]
    public void R2Ts_are_checked_against_the_command()
    {
        (byte[] Pdu, FatalErrorStatus Status, uint Information)[] wrong =
        [
            (HostHarness.R2T(HostHarness.FirstCommandId, 7, 4, 64), Field, 12),
            (HostHarness.R2T(HostHarness.FirstCommandId, 7, 0, 0), Field, 16),
            (HostHarness.R2T(HostHarness.FirstCommandId, 7, 0, 100_004), Field, 16),
            (HostHarness.R2T(HostHarness.FirstCommandId, 7, 0, 0xFFFFFFFF), Field, 16),
        ];
        foreach ((byte[] pdu, FatalErrorStatus status, uint information) in wrong)
        {
            HostHarness harness = new HostHarness().Initialize();
            harness.Submit(Entries.Write, new byte[100_000]);
            harness.TakeOutput();
            harness.Send(pdu);
            harness.ExpectTermination(status, information);
        }
        HostHarness twice = new HostHarness().Initialize();
        twice.Submit(Entries.Write, new byte[100_000]);
        twice.TakeOutput();
        twice.HoldsOutput = true;
        twice.Send([.. HostHarness.R2T(HostHarness.FirstCommandId, 7, 0, 64), .. HostHarness.R2T(HostHarness.FirstCommandId, 8, 64, 64)]);
        twice.HoldsOutput = false;
        twice.Settle();
        twice.ExpectTermination(FatalErrorStatus.LimitExceeded, 0);
    }

    [Fact]
    public void Data_that_went_in_the_capsule_is_not_sent_again()
    {
        HostHarness harness = new HostHarness().Initialize();
        harness.Submit(Entries.Write, new byte[64]);
        harness.TakeOutput();
        harness.Send(HostHarness.R2T(HostHarness.FirstCommandId, 0, 0, 64));
        harness.ExpectTermination(Field, 12);
    }

    [Fact]
    public void A_read_that_was_damaged_fails_when_it_ends_and_the_connection_goes_on()
    {
        HostHarness harness = new HostHarness(new HostConnectionOptions { DataDigest = true }).Initialize(digests: 2);
        TestCommand command = harness.Submit(Entries.Read, new byte[64]);
        byte[] data = HostHarness.Data(HostHarness.FirstCommandId, 0, Pattern.Make(64, 1), 4, 2);
        data[^1] ^= 1;
        harness.Send(data);
        harness.Send(HostHarness.Response(HostHarness.FirstCommandId));
        Assert.Equal(NvmeStatus.TransientTransportError, command.Status);
        Assert.True(harness.Connection.CanSubmit);
    }

    [Fact]
    public void SUCCESS_completes_a_read_without_a_response()
    {
        HostHarness harness = new HostHarness().Initialize();
        TestCommand command = harness.Submit(Entries.Read, new byte[64]);
        harness.Send(HostHarness.Data(HostHarness.FirstCommandId, 0, Pattern.Make(64, 5), 12));
        Assert.Equal(1, command.Completions);
        Assert.True(command.Status.IsSuccess);
        Assert.Equal(Pattern.Make(64, 5), command.Data.ToArray());
    }

    [Fact]
    public void A_farewell_of_the_controller_is_not_answered()
    {
        HostHarness harness = new HostHarness().Initialize();
        TestCommand command = harness.Submit(Entries.Read, new byte[64]);
        harness.TakeOutput();
        harness.Send(Pdus.HostTermination(1, 8, new byte[24]).With(0, 3));
        Assert.Empty(harness.TakeOutput());
        Assert.True(harness.Connection.IsFinished);
        Assert.Equal([CloseReason.PeerTerminated], harness.CloseReasons);
        Assert.Equal(1, command.Completions);
        Assert.Equal(new PduError(Field, 8), harness.Connection.Error);
    }

    [Fact]
    public void A_controller_that_says_nothing_is_given_up()
    {
        var harness = new HostHarness();
        harness.Settle();
        harness.Clock.Advance(10_000);
        harness.Connection.OnTimer(harness.Clock.Now);
        Assert.True(harness.Connection.IsFinished);
        Assert.Equal([CloseReason.HandshakeTimeout], harness.CloseReasons);
    }

    [Fact]
    public void A_controller_that_does_not_read_the_farewell_is_given_up()
    {
        HostHarness harness = new HostHarness().Initialize();
        harness.HoldsOutput = true;
        harness.Send(HostHarness.Response(999));
        Assert.False(harness.Connection.IsFinished);
        Assert.NotEqual(long.MaxValue, harness.Connection.Deadline);
        harness.Clock.Advance(30_000);
        harness.Connection.OnTimer(harness.Clock.Now);
        Assert.True(harness.Connection.IsFinished);
        Assert.Single(harness.CloseReasons);
    }

    [Fact]
    public void A_command_answered_while_its_capsule_is_still_going_out_is_complete_when_it_has_gone()
    {
        // The controller refuses the command as soon as it has the entry. The host must still send the rest of the capsule that its header
        // announced.
        for (int sent = 72; sent < 72 + 4096; sent += 97)
        {
            HostHarness harness = new HostHarness().Initialize();
            TestCommand first = harness.Prepare(Entries.Write, Pattern.Make(4096, 1));
            harness.SendOnly(first, sent);
            harness.HoldsOutput = true;
            harness.Send(HostHarness.Response(HostHarness.FirstCommandId, 0x8004));
            Assert.Equal(0, first.Completions);
            first.Completed = () =>
            {
                // Reuses the command at once, with other data.
                first.Completed = null;
                first.Data = Pattern.Make(100, 2);
                Assert.True(harness.Connection.TrySubmit(first));
            };
            harness.HoldsOutput = false;
            harness.Settle();
            Assert.Equal(1, first.Completions);
            byte[] stream = harness.TakeOutput();
            Assert.Equal(72 + 4096 + 72 + 100, stream.Length);
            Assert.Equal(Pattern.Make(4096, 1), stream[72..(72 + 4096)]);
            Assert.Equal(Pattern.Make(100, 2), stream[^100..]);
        }
    }

    [Fact]
    public void A_write_answered_while_its_data_is_going_out_sends_the_PDU_to_its_end_and_no_other()
    {
        for (int sent = 0; sent <= 24 + 4096; sent += 103)
        {
            HostHarness harness = new HostHarness().Initialize();
            TestCommand first = harness.Submit(Entries.Write, Pattern.Make(100_000, 1));
            harness.TakeOutput();
            harness.SendLimitTotal = sent;
            harness.Send(HostHarness.R2T(HostHarness.FirstCommandId, 5, 0, 12288));
            harness.HoldsOutput = true;
            harness.Send(HostHarness.Response(HostHarness.FirstCommandId, 0x0008));
            harness.SendLimitTotal = null;
            harness.HoldsOutput = false;
            harness.Settle();
            byte[] stream = harness.TakeOutput();
            Assert.Equal(sent == 0 ? 0 : 24 + 4096, stream.Length);
            Assert.Equal(1, first.Completions);
            TestCommand second = harness.Submit(Entries.Write, Pattern.Make(64, 2));
            Assert.Equal(72 + 64, harness.TakeOutput().Length);
            Assert.Equal(0, second.Completions);
        }
    }

    [Fact]
    public void A_farewell_is_not_put_into_the_middle_of_a_PDU()
    {
        HostHarness harness = new HostHarness().Initialize();
        TestCommand command = harness.Prepare(Entries.Write, new byte[4096]);
        harness.SendOnly(command, 1000);
        byte[] before = harness.TakeOutput();
        Assert.Equal(1000, before.Length);
        harness.Send(HostHarness.Response(999));
        Assert.Empty(harness.TakeOutput());
        Assert.True(harness.Connection.IsFinished);
        Assert.Equal(1, command.Completions);
        Assert.Equal([CloseReason.ProtocolError], harness.CloseReasons);
    }

    [Fact]
    public void A_response_to_a_command_that_has_not_been_sent_is_out_of_sequence()
    {
        HostHarness harness = new HostHarness().Initialize();
        harness.HoldsOutput = true;
        TestCommand command = harness.Submit(Entries.Write, new byte[64]);
        harness.Send(HostHarness.Response(HostHarness.FirstCommandId));
        harness.HoldsOutput = false;
        harness.Settle();
        harness.ExpectTermination(Sequence, 0);
        Assert.Equal("3/00", command.Status.ToString());
    }

    [Fact]
    public void An_identifier_is_not_used_for_the_next_command_at_once()
    {
        HostHarness harness = new HostHarness(new HostConnectionOptions { QueueDepth = 1 }).Initialize();
        TestCommand command = harness.Submit(Entries.Flush, default);
        Assert.False(harness.Connection.CanSubmit);
        Assert.False(harness.Connection.TrySubmit(new TestCommand()));
        ushort first = command.Entry.CommandId;
        harness.Send(HostHarness.Response(first));
        harness.Submit(command);
        Assert.NotEqual(first, (ushort)command.Entry.CommandId);
        harness.Send(HostHarness.Response(first));
        harness.TakeOutput();
        Assert.Equal([CloseReason.ProtocolError], harness.CloseReasons);
    }
}
