using System.Buffers.Binary;
using System.Text;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Discovery;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class RegistrationTests
{
    private readonly SimulatedWorld _world = new();

    [Fact]
    public void A_host_registers_itself_and_takes_it_back()
    {
        SimulatedQueue admin = Discovery("a");

        Assert.Equal(NvmeStatus.Success, Send(admin, 0, Data("a", "10.0.0.7")).Status);
        RegisteredHost host = Assert.Single(_world.Target.Registrations.Read());
        Assert.Equal((SimulatedWorld.NqnOf("a"), "machine", "system 1"), (host.Nqn, host.Name, host.Version));
        Assert.Equal("10.0.0.7", Assert.Single(host.Addresses).ToString());

        Assert.Equal(NvmeStatus.Success, Send(admin, 2, Data("a", "10.0.0.8")).Status);
        Assert.Equal("10.0.0.8", Assert.Single(Assert.Single(_world.Target.Registrations.Read()).Addresses).ToString());

        Assert.Equal(NvmeStatus.Success, Send(admin, 1, Data("a", "10.0.0.8")).Status);
        Assert.Empty(_world.Target.Registrations.Read());
    }

    [Fact]
    public void The_host_log_tells_a_host_of_itself_alone()
    {
        SimulatedQueue first = Discovery("a");
        Send(first, 0, Data("a", ""));
        SimulatedQueue second = Discovery("b");

        byte[] log = first.ReadLog(0x71, 2056).Data.ToArray();
        Assert.Equal(1u, BinaryPrimitives.ReadUInt64LittleEndian(log.AsSpan(8)));
        Assert.Equal(2056u, BinaryPrimitives.ReadUInt32LittleEndian(log.AsSpan(20)));
        Assert.Equal(SimulatedWorld.NqnOf("a").Text, Encoding.ASCII.GetString(log, 1024 + 256, 256).TrimEnd('\0'));
        Assert.Equal("10.0.0.99", Encoding.ASCII.GetString(log, 1024 + 512, 256).TrimEnd());
        Assert.Equal(1032u, BinaryPrimitives.ReadUInt32LittleEndian(log.AsSpan(2048)));
        Assert.Equal(0u, BinaryPrimitives.ReadUInt64LittleEndian(second.ReadLog(0x71, 16).Data.Span[8..]));
    }

    [Theory]
    [InlineData("length below the header", 0, 1023)]
    [InlineData("length beyond the data", 0, 3000)]
    [InlineData("no entry", 8, 0)]
    [InlineData("too many entries", 8, 9)]
    [InlineData("an entry that is not there", 8, 2)]
    [InlineData("unknown format", 16, 3)]
    [InlineData("another kind of entity", 18, 2)]
    [InlineData("another transport", 1024, 1)]
    [InlineData("another address family", 1025, 2)]
    [InlineData("an entry shorter than itself", 2048, 1028)]
    [InlineData("an entry beyond the data", 2048, 1036)]
    [InlineData("an entry of no dwords", 2048, 1030)]
    public void What_is_malformed_is_refused_and_registers_nothing(string wrong, int offset, int value)
    {
        byte[] data = Data("a", "10.0.0.7");
        if (offset is 1024 or 1025)
            data[offset] = (byte)value;
        else if (offset is 16 or 18)
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(offset), (ushort)value);
        else
            BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(offset), value);

        TestCommand refused = Send(Discovery("a"), 0, data);

        Assert.True(refused.Status.IsSameCode(NvmeStatus.InvalidDiscoveryInformation), wrong);
        Assert.Empty(_world.Target.Registrations.Read());
    }

    [Fact]
    public void Nobody_registers_another()
    {
        Assert.True(Send(Discovery("a"), 0, Data("b", "10.0.0.7")).Status.IsSameCode(NvmeStatus.InvalidDiscoveryInformation));
        Assert.True(Send(Discovery("a"), 3, Data("a", "10.0.0.7")).Status.IsSameCode(NvmeStatus.InvalidField));
        Assert.True(Send(Discovery("a"), 0, new byte[1020]).Status.IsSameCode(NvmeStatus.DataSglLengthInvalid));
        Assert.True(Send(_world.Enable(), 0, Data("a", "10.0.0.7")).Status.IsSameCode(NvmeStatus.InvalidOpcode));
    }

    [Fact]
    public void There_is_room_for_as_many_as_the_limit_says()
    {
        var small = new SimulatedWorld(new TargetOptions { Limits = new TargetLimits { MaxRegisteredHosts = 1 } });
        SimulatedQueue first = small.EnableAs(SimulatedWorld.Host("a", subsystem: Nqn.Discovery));
        SimulatedQueue second = small.EnableAs(SimulatedWorld.Host("b", subsystem: Nqn.Discovery));

        Assert.Equal(NvmeStatus.Success, Send(first, 0, Data("a", "")).Status);
        Assert.Equal(NvmeStatus.Success, Send(first, 0, Data("a", "")).Status);
        Assert.True(Send(second, 0, Data("b", "")).Status.IsSameCode(NvmeStatus.InsufficientDiscoveryResources));
        Send(first, 1, Data("a", ""));
        Assert.Equal(NvmeStatus.Success, Send(second, 0, Data("b", "")).Status);
    }

    private static TestCommand Send(SimulatedQueue admin, uint task, byte[] data) =>
        admin.Send(new SubmissionEntry { Opcode = 0x21, Cdw10 = task }, data);

    // One registration entry in the extended format, as libnvme sends it.
    private static byte[] Data(string host, string address)
    {
        var data = new byte[1024 + 1032];
        BinaryPrimitives.WriteInt32LittleEndian(data, data.Length);
        data[8] = 1;
        data[16] = 2;
        data[18] = 1;
        SimulatedWorld.NqnOf(host).WriteField(data.AsSpan(24, 256));
        Encoding.ASCII.GetBytes("machine", data.AsSpan(280));
        Encoding.ASCII.GetBytes("system 1", data.AsSpan(536));
        data[1024] = 3;
        data[1025] = 1;
        Encoding.ASCII.GetBytes(address, data.AsSpan(1024 + 512));
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(2048), 1032);
        return data;
    }

    private SimulatedQueue Discovery(string host) => _world.EnableAs(SimulatedWorld.Host(host, subsystem: Nqn.Discovery));
}
