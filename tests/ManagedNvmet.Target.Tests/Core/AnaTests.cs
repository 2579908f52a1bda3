using System.Net;
using ManagedNvmet.Target.Ana;
using ManagedNvmet.Target.LogPages;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Ports;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class AnaTests
{
    private const uint AnaEvent = 0x000C_0302;

    private readonly SimulatedWorld _world = new();

    public AnaTests()
    {
        _world.Target.SetPorts([new Port(1, IPAddress.Parse("10.0.0.1"), 4420), new Port(2, IPAddress.Parse("10.0.0.2"), 4420)]);
        _world.Disk.AddNamespace(new Namespace(1, _world.Device, NamespaceIdentity.CreateRandom()) { AnaGroup = 2 });
        _world.Disk.AddNamespace(new Namespace(2, _world.Device, NamespaceIdentity.CreateRandom()));
        _world.Disk.AddNamespace(new Namespace(5, _world.Device, NamespaceIdentity.CreateRandom()) { AnaGroup = 2 });
    }

    [Fact]
    public void The_log_page_lists_every_group_with_its_state_and_its_namespaces_in_order()
    {
        _world.Target.SetAnaState(1, 2, AnaState.NonOptimized);
        SimulatedQueue admin = _world.Enable();
        byte[] page = Read(admin);

        Assert.Equal(2, BitConverter.ToUInt16(page, 8));
        Assert.Equal((1u, 1u, 1), (BitConverter.ToUInt32(page, 16), BitConverter.ToUInt32(page, 20), page[32]));
        Assert.Equal(2u, BitConverter.ToUInt32(page, 48));
        Assert.Equal((2u, 2u, 2), (BitConverter.ToUInt32(page, 52), BitConverter.ToUInt32(page, 56), page[68]));
        Assert.Equal(1u, BitConverter.ToUInt32(page, 84));
        Assert.Equal(5u, BitConverter.ToUInt32(page, 88));
        Assert.Equal(new byte[100], page.AsSpan(92, 100).ToArray());
        Assert.Equal(2u, BitConverter.ToUInt32(admin.Identify(0x00, 1), 92));
        Assert.Equal(2u, BitConverter.ToUInt32(admin.Identify(0x08, 1), 4));
    }

    [Fact]
    public void Groups_only_leaves_the_namespaces_out_and_any_way_of_cutting_gives_the_same_page()
    {
        NamespaceView view = View();
        byte[] whole = new byte[200];
        Assert.Equal(NvmeStatus.Success, AnaLogPage.Read(view, _world.Target.Limits, isGroupsOnly: false, 0, whole));
        byte[] groups = new byte[200];
        Assert.Equal(NvmeStatus.Success, AnaLogPage.Read(view, _world.Target.Limits, isGroupsOnly: true, 0, groups));
        Assert.Equal((1u, 0u), (BitConverter.ToUInt32(groups, 16), BitConverter.ToUInt32(groups, 20)));
        Assert.Equal((2u, 0u), (BitConverter.ToUInt32(groups, 48), BitConverter.ToUInt32(groups, 52)));
        for (uint offset = 0; offset <= 92; offset += 4)
        {
            byte[] part = new byte[100];
            Assert.Equal(NvmeStatus.Success, AnaLogPage.Read(view, _world.Target.Limits, isGroupsOnly: false, offset, part));
            Assert.Equal(whole.AsSpan((int)offset, 100).ToArray(), part);
        }
    }

    [Fact]
    public void The_log_reads_as_zeros_between_its_end_and_the_largest_size_and_as_an_error_behind_that()
    {
        SimulatedQueue admin = _world.Enable();
        uint largest = 16 + 32 * BitConverter.ToUInt32(admin.Identify(0x01), 348) + 4 * BitConverter.ToUInt32(admin.Identify(0x01), 540);

        for (uint offset = 4096; offset < largest; offset += 4096)
        {
            TestCommand piece = admin.ReadLog(0x0C, 4096, offset);
            Assert.Equal(NvmeStatus.Success, piece.Status);
            Assert.Equal(new byte[4096], piece.Data.ToArray());
        }
        Assert.Equal(NvmeStatus.Success, admin.ReadLog(0x0C, 4, largest).Status);
        Assert.True(admin.ReadLog(0x0C, 4, largest + 4).Status.IsSameCode(NvmeStatus.InvalidField));
    }

    [Theory]
    [InlineData(AnaState.Optimized, 0)]
    [InlineData(AnaState.NonOptimized, 0)]
    [InlineData(AnaState.Inaccessible, 2)]
    [InlineData(AnaState.PersistentLoss, 1)]
    [InlineData(AnaState.Change, 3)]
    public void A_path_that_is_not_accessible_says_so_and_lets_the_host_try_another(AnaState state, int code)
    {
        _world.Target.SetAnaState(1, 2, state);
        SimulatedQueue io = _world.ConnectIo(_world.Enable(), 1);

        TestCommand read = io.Read(1);
        Assert.Equal((code == 0 ? 0 : 3, code, false), (read.Status.CodeType, read.Status.Code, read.Status.DoNotRetry));
        Assert.Equal(NvmeStatus.Success, io.Read(2).Status);
    }

    [Fact]
    public void A_state_belongs_to_a_port_and_its_hosts_alone_are_told()
    {
        SimulatedQueue here = Listening("10.0.0.1:4420", out TestCommand hereEvent);
        SimulatedQueue there = Listening("10.0.0.2:4420", out TestCommand thereEvent);
        ulong before = BitConverter.ToUInt64(Read(here));

        _world.Target.SetAnaState(1, 2, AnaState.Inaccessible);
        _world.Run();

        Assert.Equal(AnaEvent, hereEvent.Completion.Result);
        Assert.False(thereEvent.IsDone);
        Assert.True(BitConverter.ToUInt64(Read(here)) > before);
        Assert.Equal(1, Read(there)[68]);
        Assert.Equal(3, Read(here)[68]);

        hereEvent = here.RequestEvent();
        _world.Target.SetAnaState(1, 2, AnaState.Inaccessible);
        _world.Run();
        Assert.False(hereEvent.IsDone);
    }

    [Fact]
    public void Groups_and_ports_that_do_not_exist_are_refused()
    {
        Assert.Throws<ArgumentException>(() => _world.Target.SetAnaState(3, 1, AnaState.Optimized));
        Assert.Throws<ArgumentException>(() => _world.Target.SetAnaState(1, 0, AnaState.Optimized));
        Assert.Throws<ArgumentException>(() => _world.Target.SetAnaState(1, 129, AnaState.Optimized));
        _world.Target.SetAnaState(1, 128, AnaState.Optimized);
    }

    [Fact]
    public void A_flush_of_all_leaves_out_what_this_path_does_not_reach()
    {
        _world.Target.SetAnaState(1, 2, AnaState.Inaccessible);
        SimulatedQueue io = _world.ConnectIo(_world.Enable(), 1);

        TestCommand flush = io.Send(new Protocol.Wire.SubmissionEntry { Opcode = 0x00, NamespaceId = 0xFFFF_FFFF });

        Assert.Equal(NvmeStatus.Success, flush.Status);
        Assert.Equal(1, _world.Device.FlushCount);
    }

    private static byte[] Read(SimulatedQueue admin)
    {
        TestCommand read = admin.ReadLog(0x0C, 512);
        Assert.Equal(NvmeStatus.Success, read.Status);
        return read.Data.ToArray();
    }

    private NamespaceView View()
    {
        _world.Enable();
        return Assert.Single(_world.Disk.Controllers).View;
    }

    private SimulatedQueue Listening(string local, out TestCommand request)
    {
        SimulatedQueue admin = _world.Enable(local: local);
        admin.SetFeature(0x0B, 1 << 11);
        request = admin.RequestEvent();
        return admin;
    }
}
