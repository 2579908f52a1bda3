namespace ManagedNvmet.Protocol.Tests;

/// <summary>A wrong data digest fails its command and affects no other command.</summary>
public sealed class DataDigestTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void In_capsule_data_with_a_wrong_digest_is_not_executed(int digests)
    {
        ControllerHarness harness = new ControllerHarness().Connect(digests);
        int executions = harness.Queue.Executions;
        byte[] capsule = Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), new byte[64], digests);
        capsule[^1] ^= 0x80;
        harness.Send(capsule);
        Assert.Equal("0/22", harness.ExpectResponse(1).Status.ToString());
        Assert.Equal(executions, harness.Queue.Executions);
        ExpectInStep(harness);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_wrong_digest_of_any_of_three_data_PDUs_fails_the_write_when_all_of_it_has_come(int damaged)
    {
        ControllerHarness harness = new ControllerHarness().Connect(digests: 3);
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 300), digests: 3));
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 2, 100), digests: 3));
        harness.Read();
        for (int index = 0; index < 3; index++)
        {
            byte[] pdu = Pdus.HostData(1, 0, index * 100, Pattern.Make(100, index), index == 2, 3);
            if (index == damaged)
                pdu[40] ^= 1;
            Assert.Empty(harness.Read());
            harness.Send(pdu);
        }
        Assert.Equal("0/22", harness.ExpectResponse(1).Status.ToString());
        Assert.Empty(harness.Queue.Writes);
        harness.Send(Pdus.HostData(2, 1, 0, Pattern.Make(100, 9), true, 3));
        Assert.True(harness.ExpectResponse(2).Status.IsSuccess);
        Assert.Equal(Pattern.Make(100, 9), harness.Queue.Writes.Single());
        ExpectInStep(harness);
    }

    [Fact]
    public void A_damaged_write_is_not_asked_for_the_rest_of_its_data()
    {
        ControllerHarness harness = new ControllerHarness(new ConnectionLimits { MaxH2CDataBytes = 4096 }).Connect(digests: 2);
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 12288), digests: 2));
        harness.Read();
        byte[] pdu = Pdus.HostData(1, 0, 0, new byte[4096], true, 2);
        pdu[^4] ^= 1;
        harness.Send(pdu);
        Assert.Equal("0/22", harness.ExpectResponse(1).Status.ToString());
        ExpectInStep(harness);
    }

    [Fact]
    public void A_write_in_three_data_PDUs_has_a_digest_for_each()
    {
        ControllerHarness harness = new ControllerHarness().Connect(digests: 2);
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 1, 300), digests: 2));
        harness.Read();
        byte[] data = Pattern.Make(300, 4);
        for (int index = 0; index < 3; index++)
            harness.Send(Pdus.HostData(1, 0, index * 100, data.AsSpan(index * 100, 100), index == 2, 2));
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
        Assert.Equal(data, harness.Queue.Writes.Single());
    }

    [Fact]
    public void A_wrong_digest_of_a_refused_command_changes_nothing()
    {
        ControllerHarness harness = new ControllerHarness().Connect(digests: 3);
        SubmissionEntry entry = Entries.InCapsule(Entries.Write, 1, 64);
        entry.SglAddress = 4;
        byte[] capsule = Pdus.Capsule(entry, new byte[64], 3);
        capsule[^1] ^= 1;
        harness.Send(capsule);
        Assert.Equal(NvmeStatus.SglOffsetInvalid, harness.ExpectResponse(1).Status);
        ExpectInStep(harness);
    }

    [Fact]
    public void Padding_is_no_part_of_the_data_digest()
    {
        ControllerHarness harness = new ControllerHarness().Connect(digests: 3);
        byte[] capsule = Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), Pattern.Make(64, 1), 3, dataOffset: 128);
        capsule.AsSpan(76, 52).Fill(0x5A);
        harness.Send(capsule);
        Assert.True(harness.ExpectResponse(1).Status.IsSuccess);
        Assert.Equal(Pattern.Make(64, 1), harness.Queue.Writes.Single());
    }

    [Fact]
    public void A_data_digest_cut_by_the_network_at_any_byte_is_still_checked()
    {
        for (int damage = 0; damage <= 1; damage++)
        {
            for (int cut = 1; cut <= 4; cut++)
            {
                ControllerHarness harness = new ControllerHarness().Connect(digests: 3);
                byte[] capsule = Pdus.Capsule(Entries.InCapsule(Entries.Write, 1, 64), new byte[64], 3);
                capsule[^1] ^= (byte)damage;
                harness.Send(capsule.AsSpan(0, capsule.Length - cut));
                Assert.Empty(harness.Read());
                harness.Send(capsule.AsSpan(capsule.Length - cut));
                Assert.Equal(damage == 0, harness.ExpectResponse(1).Status.IsSuccess);
            }
        }
    }

    private static void ExpectInStep(ControllerHarness harness)
    {
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 77, 0), digests: harness.Digests));
        Assert.True(harness.ExpectResponse(77).Status.IsSuccess);
        Assert.Equal(0, harness.Buffers.Rented);
        Assert.Equal(0, harness.Connection.OutstandingCommands);
    }
}
