using System.Buffers.Binary;
using System.Net;
using System.Text;
using CsCheck;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Discovery;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Subsystems;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class DiscoveryTests
{
    private static readonly Nqn Other = Nqn.Parse("nqn.2026-11.com.example:other");

    private readonly SimulatedWorld _world = new();

    public DiscoveryTests() => _world.Target.SetPorts([new Port(1, IPAddress.Any, 4420)]);

    [Fact]
    public void A_wildcard_listener_is_told_as_the_address_that_the_host_reached()
    {
        SimulatedQueue admin = _world.Enable(Nqn.Discovery, local: "192.0.2.7:4420");
        byte[] log = Read(admin, 0, 3072);

        Assert.Equal(2u, BinaryPrimitives.ReadUInt64LittleEndian(log.AsSpan(8)));
        Assert.Equal("192.0.2.7", Text(log, 1024 + 512, 256));
        Assert.Equal("4420", Text(log, 1024 + 32, 32));
        Assert.Equal(Nqn.Discovery.Text, Text(log, 1024 + 256, 256));
        Assert.Equal([3, 1, 3, 6, 1, 0, 0xFF, 0xFF], log.AsSpan(1024, 8).ToArray());
        Assert.Equal(SimulatedWorld.DiskNqn.Text, Text(log, 2048 + 256, 256));
        Assert.Equal([3, 1, 2, 6, 1, 0, 0xFF, 0xFF], log.AsSpan(2048, 8).ToArray());
        Assert.True(BinaryPrimitives.ReadUInt16LittleEndian(log.AsSpan(2048 + 8)) >= 32);
    }

    [Fact]
    public void A_host_sees_what_it_may_use_and_no_more()
    {
        _world.Target.AddSubsystem(new SubsystemOptions { Nqn = Other, SerialNumber = "2", Access = SubsystemAccess.Of([Other]) });
        SimulatedQueue admin = _world.Enable(Nqn.Discovery);

        Assert.Equal(2u, BinaryPrimitives.ReadUInt64LittleEndian(Read(admin, 0, 20).AsSpan(8)));
    }

    [Fact]
    public void Every_change_moves_the_generation()
    {
        SimulatedQueue admin = _world.Enable(Nqn.Discovery);
        ulong before = BinaryPrimitives.ReadUInt64LittleEndian(Read(admin, 0, 20));
        _world.Target.AddSubsystem(new SubsystemOptions { Nqn = Other, SerialNumber = "2" });
        byte[] header = Read(admin, 0, 20);

        Assert.Equal(before + 1, BinaryPrimitives.ReadUInt64LittleEndian(header));
        Assert.Equal(3u, BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(8)));
    }

    [Theory]
    [InlineData(3072u, true)]
    [InlineData(3076u, false)]
    [InlineData(1u, false)]
    [InlineData(2u, false)]
    [InlineData(3u, false)]
    [InlineData(4u, true)]
    [InlineData(6u, false)]
    [InlineData(0xFFFF_FFFF_FFFF_FFFCu, false)]
    public void An_offset_is_a_multiple_of_four_and_not_beyond_the_end(ulong offset, bool isValid)
    {
        SimulatedQueue admin = _world.Enable(Nqn.Discovery);
        TestCommand read = admin.ReadLog(0x70, 8, offset);

        Assert.Equal(isValid, read.Status.IsSuccess);
        if (!isValid)
            Assert.True(read.Status.IsSameCode(NvmeStatus.InvalidField));
        if (offset == 3072)
            Assert.Equal(new byte[8], read.Data.ToArray());
    }

    [Fact]
    public void Any_way_of_cutting_the_page_gives_the_same_page()
    {
        DiscoveryLog log = Sample();
        var whole = new byte[(int)log.LengthBytes() + 512];
        whole.AsSpan().Fill(0xEE);
        Assert.Equal(NvmeStatus.Success, log.Read(0, whole));
        Assert.Equal(new byte[512], whole.AsSpan((int)log.LengthBytes()).ToArray());

        Gen.Select(Gen.Int[0, (int)log.LengthBytes() / 4], Gen.Int[1, 1024]).Sample((offset, dwords) =>
        {
            var part = new byte[dwords * 4];
            part.AsSpan().Fill(0xEE);
            Assert.Equal(NvmeStatus.Success, log.Read((ulong)offset * 4, part));
            int inside = Math.Min(part.Length, (int)log.LengthBytes() - (offset * 4));
            Assert.True(whole.AsSpan(offset * 4, inside).SequenceEqual(part.AsSpan(0, inside)));
            Assert.False(part.AsSpan(inside).ContainsAnyExcept((byte)0));
        });
    }

    [Theory]
    [InlineData("0.0.0.0", "10.0.0.1", "10.0.0.1")]
    [InlineData("::", "10.0.0.1", "10.0.0.1")]
    [InlineData("::", "::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("0.0.0.0", "::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("::", "2001:db8::1", "2001:db8::1")]
    [InlineData("::", "fe80::1%3", "fe80::1")]
    [InlineData("10.0.0.2", "10.0.0.1", "10.0.0.2")]
    [InlineData("0.0.0.0", "2001:db8::1", null)]
    [InlineData("0.0.0.0", null, null)]
    [InlineData("::", null, null)]
    [InlineData("10.0.0.2", null, "10.0.0.2")]
    public void No_host_is_ever_sent_to_a_wildcard(string listener, string? local, string? expected)
    {
        DiscoveryAddress[] addresses = DiscoveryAddress.Resolve(
            [new Port(1, IPAddress.Parse(listener), 4420)], local is null ? null : IPAddress.Parse(local));

        Assert.Equal(expected, addresses.Length == 0 ? null : addresses[0].Address.ToString());
    }

    [Theory]
    [InlineData("fe80::1%3", "fe80::1%3", true)]
    [InlineData("fe80::1%3", "fe80::2%4", false)]
    [InlineData("fe80::1%3", "2001:db8::1", false)]
    [InlineData("fe80::1%3", "10.0.0.1", false)]
    [InlineData("fe80::1%3", null, false)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "::1", true)]
    [InlineData("127.0.0.1", "10.0.0.1", false)]
    [InlineData("::1", "2001:db8::1", false)]
    public void An_address_that_not_every_host_can_use_is_told_only_to_those_that_can(string listener, string? local, bool isTold)
    {
        DiscoveryAddress[] addresses = DiscoveryAddress.Resolve(
            [new Port(1, IPAddress.Parse(listener), 4420)], local is null ? null : IPAddress.Parse(local));

        Assert.Equal(isTold, addresses.Length == 1);
    }

    [Fact]
    public void Two_listeners_that_come_to_one_address_are_told_once()
    {
        Port[] ports = [new(1, IPAddress.Any, 4420), new(2, IPAddress.Parse("10.0.0.1"), 4420), new(3, IPAddress.Any, 8009)];

        Assert.Equal([4420, 8009], DiscoveryAddress.Resolve(ports, IPAddress.Parse("10.0.0.1")).Select(static each => each.Port.TcpPort));
    }

    [Fact]
    public void A_target_without_addresses_has_an_empty_log()
    {
        var log = new DiscoveryLog(1, [], 32);

        Assert.Equal(0, log.RecordCount);
        Assert.Equal(NvmeStatus.Success, log.Read(0, new byte[2048]));
    }

    private static DiscoveryLog Sample() => new(
        7,
        [
            DiscoveryRecord.Of(DiscoveryRecordKind.CurrentDiscovery, Nqn.Discovery, At("10.0.0.1"), flags: 3),
            DiscoveryRecord.Of(DiscoveryRecordKind.NvmSubsystem, SimulatedWorld.DiskNqn, At("10.0.0.1")),
            DiscoveryRecord.Of(DiscoveryRecordKind.NvmSubsystem, SimulatedWorld.DiskNqn, At("2001:db8::1")),
            DiscoveryRecord.Of(DiscoveryRecordKind.NvmSubsystem, Other, At("2001:db8::1")),
        ],
        128);

    private static DiscoveryAddress At(string address) => new(new Port(1, IPAddress.Parse(address), 4420), IPAddress.Parse(address));

    private static byte[] Read(SimulatedQueue admin, ulong offset, int length)
    {
        TestCommand read = admin.ReadLog(0x70, length, offset);
        Assert.Equal(NvmeStatus.Success, read.Status);
        return read.Data.ToArray();
    }

    private static string Text(byte[] log, int offset, int length) => Encoding.ASCII.GetString(log, offset, length).TrimEnd('\0', ' ');
}
