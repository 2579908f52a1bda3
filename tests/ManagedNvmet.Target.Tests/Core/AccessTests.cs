using System.Net;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Refusals;
using ManagedNvmet.Target.Subsystems;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class AccessTests
{
    private static readonly Nqn Friend = SimulatedWorld.NqnOf("friend");
    private static readonly Guid FriendId = new("5a5a5a5a-5a5a-5a5a-5a5a-5a5a5a5a5a5a");

    private readonly SimulatedWorld _world = new();

    [Theory]
    [InlineData("5a5a5a5a-5a5a-5a5a-5a5a-5a5a5a5a5a5a", RefusalReason.None)]
    [InlineData("5a5a5a5a-5a5a-5a5a-5a5a-5a5a5a5a5a5b", RefusalReason.HostIdNotAllowed)]
    public void A_host_must_have_the_host_identifier_of_its_rule(string id, RefusalReason expected)
    {
        _world.Disk.SetAccess(new SubsystemAccess { Hosts = [new HostRule(Friend) { HostId = new Guid(id) }] });

        Assert.Equal(expected, Try(SimulatedWorld.Host("friend")));
    }

    [Fact]
    public void A_host_that_would_have_to_authenticate_is_refused_with_that_reason_and_not_told_of_the_subsystem()
    {
        _world.Disk.SetAccess(new SubsystemAccess { Hosts = [new HostRule(Friend) { RequiresAuthentication = true }] });

        Assert.Equal(RefusalReason.AuthenticationUnsupported, Try(SimulatedWorld.Host("friend")));
        Assert.False(_world.Disk.IsAllowed(Friend));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(0x5A, true)]
    [InlineData(1, false)]
    public void An_IO_queue_need_not_repeat_the_host_identifier(byte id, bool isTaken)
    {
        _world.Disk.SetAccess(new SubsystemAccess { Hosts = [new HostRule(Friend) { HostId = FriendId }] });
        SimulatedQueue admin = _world.EnableAs(SimulatedWorld.Host("friend"));

        TestCommand connect = _world.Open().Connect(
            SimulatedWorld.Host("friend", id) with { QueueId = 1, ControllerId = admin.ControllerId });

        Assert.Equal(isTaken, connect.Status.IsSuccess);
    }

    [Theory]
    [InlineData("10.1.0.0/16", "10.1.255.255:1", RefusalReason.None)]
    [InlineData("10.1.0.0/16", "10.2.0.0:1", RefusalReason.SourceNotAllowed)]
    [InlineData("10.1.0.0/16", "[::ffff:10.1.0.1]:1", RefusalReason.None)]
    [InlineData("10.1.0.0/16", "[::ffff:10.2.0.1]:1", RefusalReason.SourceNotAllowed)]
    [InlineData("fe80::/64", "[fe80::7%3]:1", RefusalReason.None)]
    [InlineData("2001:db8::/32", "[2001:db9::1]:1", RefusalReason.SourceNotAllowed)]
    public void A_host_must_come_from_a_network_of_its_rule(string network, string remote, RefusalReason expected)
    {
        _world.Disk.SetAccess(new SubsystemAccess
        {
            Hosts = [new HostRule(Friend) { SourceNetworks = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse(network)] }],
        });

        Assert.Equal(expected, Try(SimulatedWorld.Host("friend"), remote));
    }

    [Fact]
    public void A_rule_binds_the_host_that_it_names_though_any_host_may_connect()
    {
        _world.Disk.SetAccess(new SubsystemAccess
        {
            AllowsAnyHost = true,
            Hosts =
                [new HostRule(Friend) { HostId = Guid.Empty }, new HostRule(Friend) { SourceNetworks = [IPNetwork.Parse("10.9.0.0/16")] }],
        });

        Assert.Equal(RefusalReason.None, Try(SimulatedWorld.Host("stranger")));
        Assert.Equal(RefusalReason.SourceNotAllowed, Try(SimulatedWorld.Host("friend")));
        Assert.Equal(RefusalReason.None, Try(SimulatedWorld.Host("friend"), "10.9.0.1:1"));
    }

    [Fact]
    public void A_host_that_loses_its_access_is_disconnected_and_the_others_are_not()
    {
        _world.AddNamespace();
        SimulatedQueue friend = _world.EnableAs(SimulatedWorld.Host("friend"));
        SimulatedQueue friendIo = _world.ConnectIo(friend, 1);
        SimulatedQueue other = _world.EnableAs(SimulatedWorld.Host("other", 1));
        SimulatedQueue otherIo = _world.ConnectIo(other, 1);

        _world.Disk.SetAccess(SubsystemAccess.Of([SimulatedWorld.NqnOf("other")]));
        _world.Run();

        Assert.False(friend.IsOpen);
        Assert.False(friendIo.IsOpen);
        Assert.Single(_world.Disk.Controllers);
        Assert.Equal(NvmeStatus.Success, otherIo.Read().Status);
        Assert.Equal(1u, other.ControllerStatus);
        Assert.Equal(RefusalReason.HostNotAllowed, Try(SimulatedWorld.Host("friend")));
    }

    [Fact]
    public void A_host_whose_rule_only_grows_stricter_where_it_fits_stays()
    {
        SimulatedQueue friend = _world.EnableAs(SimulatedWorld.Host("friend"));

        _world.Disk.SetAccess(new SubsystemAccess
        {
            Hosts = [new HostRule(Friend) { HostId = FriendId, SourceNetworks = [IPNetwork.Parse("10.0.0.0/24")] }],
        });
        _world.Run();
        Assert.True(friend.IsOpen);

        _world.Disk.SetAccess(new SubsystemAccess { Hosts = [new HostRule(Friend) { SourceNetworks = [IPNetwork.Parse("10.0.1.0/24")] }] });
        _world.Run();
        Assert.False(friend.IsOpen);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void What_may_heal_while_the_configuration_loads_is_refused_without_do_not_retry(bool isLoading, bool isForGood)
    {
        _world.Target.IsLoading = isLoading;
        _world.Disk.SetAccess(SubsystemAccess.NoHost);

        TestCommand stranger = _world.Open().Connect(new ConnectData());
        TestCommand lost = _world.Open().Connect(new ConnectData { SubsystemNqn = SimulatedWorld.NqnOf("none") });

        Assert.True(stranger.Status.IsSameCode(NvmeStatus.ConnectInvalidHost));
        Assert.True(lost.Status.IsSameCode(NvmeStatus.ConnectInvalidParameters));
        Assert.Equal(isForGood, stranger.Status.DoNotRetry);
        Assert.Equal(isForGood, lost.Status.DoNotRetry);
    }

    [Fact]
    public void A_subsystem_is_served_where_it_is_exported_and_nowhere_else()
    {
        Nqn other = SimulatedWorld.NqnOf("second");
        _world.Target.AddSubsystem(new SubsystemOptions { Nqn = other, SerialNumber = "2" });
        _world.Target.SetPorts(
        [
            new Port(1, IPAddress.Parse("10.0.0.1"), 4420) { Subsystems = [SimulatedWorld.DiskNqn] },
            new Port(2, IPAddress.Any, 4420) { Subsystems = [other] },
        ]);

        Assert.Equal(RefusalReason.None, Try(SimulatedWorld.Host("a")));
        Assert.Equal(RefusalReason.SubsystemNotOnPort, Try(SimulatedWorld.Host("a", subsystem: other)));
        Assert.Equal(RefusalReason.None, Try(SimulatedWorld.Host("a", subsystem: other), local: "10.0.0.2:4420"));
        Assert.Equal(RefusalReason.SubsystemNotOnPort, Try(SimulatedWorld.Host("a"), local: "10.0.0.2:4420"));
        Assert.Equal(RefusalReason.SubsystemNotOnPort, Try(SimulatedWorld.Host("a"), local: "10.0.0.1:4421"));
        Assert.Equal(RefusalReason.None, Try(SimulatedWorld.Host("a", subsystem: Nqn.Discovery), local: "10.0.0.2:4420"));
    }

    [Fact]
    public void What_is_not_exported_any_more_loses_its_hosts_there_and_only_there()
    {
        Port first = new(1, IPAddress.Parse("10.0.0.1"), 4420);
        Port second = new(2, IPAddress.Parse("10.0.0.2"), 4420);
        _world.Target.SetPorts([first, second]);
        SimulatedQueue here = _world.Enable();
        SimulatedQueue there = _world.Enable(local: "10.0.0.2:4420");
        SimulatedQueue discovery = _world.Enable(Nqn.Discovery, local: "10.0.0.2:4420");

        _world.Target.SetPorts([first, second with { Subsystems = [] }]);
        _world.Run();
        Assert.True(here.IsOpen);
        Assert.False(there.IsOpen);
        Assert.True(discovery.IsOpen);

        _world.Target.SetPorts([first]);
        _world.Run();
        Assert.True(here.IsOpen);
        Assert.False(discovery.IsOpen);
    }

    [Fact]
    public void Two_ports_of_one_number_are_refused()
    {
        Port port = new(1, IPAddress.Any, 4420);

        Assert.Throws<ArgumentException>(() => _world.Target.SetPorts([port, port with { TcpPort = 8009 }]));
        Assert.Throws<ArgumentException>(() => _world.Target.SetPorts([port with { Id = 0 }]));
        _world.Target.SetPorts([port, port with { Id = 2, TcpPort = 8009 }]);
    }

    [Theory]
    [InlineData("10.0.0.98:1", 0x5A, "10.0.0.1:4420", true)]
    [InlineData("10.0.0.99:1", 0x5B, "10.0.0.1:4420", true)]
    [InlineData("10.0.0.98:1", 0x5B, "10.0.0.2:4420", true)]
    [InlineData("10.0.0.99:1", 0x5A, "10.0.0.1:4420", false)]
    [InlineData("10.0.0.98:1", 0x5A, "10.0.0.2:4420", false)]
    public void A_second_machine_of_one_name_is_told_from_a_second_path(string remote, byte id, string local, bool isDuplicate)
    {
        _world.EnableAs(SimulatedWorld.Host("twin"));

        SimulatedQueue second = _world.EnableAs(SimulatedWorld.Host("twin", id), local, remote);

        Assert.True(second.IsOpen);
        Assert.Equal(isDuplicate ? 1 : 0, _world.Target.DuplicateHosts.TotalCount);
        Assert.Equal(isDuplicate ? 1 : 0, _world.Log.Warnings.Count());
        if (isDuplicate)
        {
            DuplicateHost seen = Assert.Single(_world.Target.DuplicateHosts.Read());
            Assert.Equal(
                ("10.0.0.99:50000", remote, false), (seen.FirstEndPoint!.ToString(), seen.SecondEndPoint!.ToString(), seen.WasFenced));
        }
    }

    [Fact]
    public void A_fence_keeps_the_second_machine_out_until_the_first_is_gone()
    {
        _world.Disk.SetAccess(SubsystemAccess.AnyHost with { DuplicateHosts = DuplicateHostPolicy.Fence });
        SimulatedQueue first = _world.EnableAs(SimulatedWorld.Host("twin"));

        TestCommand fenced = _world.Open(remote: "10.0.0.98:1").Connect(SimulatedWorld.Host("twin"));
        Assert.True(fenced.Status.IsSameCode(NvmeStatus.ConnectInvalidHost));
        Assert.False(fenced.Status.DoNotRetry);
        Assert.Equal(RefusalReason.DuplicateHost, _world.Target.Refusals.Read()[0].Reason);

        first.Cut();
        Assert.Equal(RefusalReason.None, Try(SimulatedWorld.Host("twin"), "10.0.0.98:1"));
    }

    [Fact]
    public void Nobody_hears_of_duplicates_where_they_are_allowed()
    {
        _world.Disk.SetAccess(SubsystemAccess.AnyHost with { DuplicateHosts = DuplicateHostPolicy.Allow });
        _world.EnableAs(SimulatedWorld.Host("twin"));
        _world.EnableAs(SimulatedWorld.Host("twin", 1));

        Assert.Equal(0, _world.Target.DuplicateHosts.TotalCount);
        Assert.Empty(_world.Log.Warnings);
    }

    [Fact]
    public void A_host_without_a_name_is_served_where_any_host_may_come_and_one_line_warns_of_all()
    {
        ConnectData unnamed = new() { Damage = static data => data.AsSpan(512, 256).Clear() };

        SimulatedQueue first = _world.EnableAs(unnamed);
        _world.EnableAs(unnamed with { HostIdByte = 7 });

        _world.AddNamespace();
        SimulatedQueue io = _world.ConnectIo(first, 1);
        Assert.Equal(NvmeStatus.Success, io.Read().Status);
        Assert.Contains("empty host NQN", Assert.Single(_world.Log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_without_a_name_is_malformed_where_hosts_have_to_be_named()
    {
        _world.Disk.SetAccess(SubsystemAccess.Of([SimulatedWorld.HostNqn]));

        TestCommand connect = _world.Open().Connect(new() { Damage = static data => data.AsSpan(512, 256).Clear() });

        Assert.Equal(NvmeStatus.ConnectInvalidParameters, connect.Status);
        Assert.Equal(512u | (1u << 16), (uint)connect.Completion.Result);
    }

    [Fact]
    public void A_new_association_waits_for_the_writes_of_the_one_that_is_over()
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        _world.Device.IsHolding = true;
        io.StartWrite();
        _world.Run();
        admin.Cut();

        SimulatedQueue again = _world.Open();
        TestCommand waiting = again.Connect(new ConnectData());
        TestCommand stranger = _world.Open().Connect(SimulatedWorld.Host("other", 1));
        Assert.False(waiting.IsDone);
        Assert.Equal(NvmeStatus.Success, stranger.Status);

        _world.Device.Release();
        _world.Run();
        Assert.Equal(NvmeStatus.Success, waiting.Status);
        Assert.Equal(2, _world.Disk.Controllers.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_new_association_waits_even_when_its_thread_does_not_know_yet_that_the_last_one_is_over(bool isSameThread)
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        _world.Device.IsHolding = true;
        io.StartWrite();
        SimulatedQueue again = _world.Open(isSameThread ? _world.First : _world.Second);

        admin.LateRounds = 1;
        admin.Host.Close(CloseReason.PeerClosed);
        TestCommand waiting = again.Connect(new ConnectData());

        Assert.False(waiting.IsDone);
        Assert.False(admin.IsOpen);
        _world.Device.Release();
        _world.Run();
        Assert.Equal(NvmeStatus.Success, waiting.Status);
    }

    [Fact]
    public void A_host_that_waits_for_a_command_on_a_hung_disk_is_told_so_and_may_come_again_when_it_has_ended()
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        _world.Device.IsHolding = true;
        io.StartWrite();
        _world.Run();
        admin.Cut();
        SimulatedQueue again = _world.Open();
        TestCommand waiting = again.Connect(new ConnectData());

        _world.Advance(_world.Target.Limits.Connection.HandshakeMilliseconds / 2 + 10);

        Assert.True(waiting.Status.IsSameCode(NvmeStatus.ControllerBusy));
        Assert.False(waiting.Status.DoNotRetry);
        Refusal refusal = Assert.Single(_world.Target.Refusals.Read());
        Assert.Equal(RefusalReason.EarlierCommands, refusal.Reason);
        Assert.Contains("still runs on namespace 1", refusal.Detail, StringComparison.Ordinal);

        _world.Device.Release();
        _world.Run();
        Assert.Equal(NvmeStatus.Success, again.Connect(new ConnectData()).Status);
    }

    [Fact]
    public void A_host_with_a_second_path_does_not_wait_for_the_commands_of_its_first()
    {
        _world.AddNamespace();
        SimulatedQueue io = _world.ConnectIo(_world.Enable(), 1);
        _world.Device.IsHolding = true;
        TestCommand write = io.StartWrite();

        SimulatedQueue second = _world.ConnectAdmin(local: "10.0.0.2:4420");

        Assert.True(second.IsOpen);
        Assert.False(write.IsDone);
    }

    [Fact]
    public void A_host_that_goes_while_it_waits_leaves_nothing_behind()
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        _world.Device.IsHolding = true;
        io.StartWrite();
        _world.Run();
        admin.Cut();
        SimulatedQueue again = _world.Open();
        again.Connect(new ConnectData());

        again.Cut();
        _world.Device.Release();
        _world.Run();

        Assert.Empty(_world.Disk.Controllers);
        Assert.Equal(0, again.Buffers.Rented);
    }

    [Fact]
    public void Controller_identifiers_stay_in_the_range_of_the_subsystem()
    {
        Subsystem small = _world.Target.AddSubsystem(new SubsystemOptions
        {
            Nqn = SimulatedWorld.NqnOf("small"),
            SerialNumber = "1",
            MinControllerId = 100,
            MaxControllerId = 101,
        });
        ConnectData host = SimulatedWorld.Host("a", subsystem: small.Nqn);

        ushort[] ids = [_world.EnableAs(host).ControllerId, _world.EnableAs(host).ControllerId];
        TestCommand third = _world.Open().Connect(host);

        Assert.Equal([100, 101], ids.Order().Select(static id => (int)id));
        Assert.Equal(NvmeStatus.ControllerBusy, third.Status);
    }

    private RefusalReason Try(ConnectData host, string remote = "10.0.0.99:50000", string local = "10.0.0.1:4420")
    {
        long before = _world.Target.Refusals.TotalCount;
        SimulatedQueue queue = _world.Open(local: local, remote: remote);
        TestCommand connect = queue.Connect(host);
        RefusalReason reason = connect.Status.IsSuccess ? RefusalReason.None : _world.Target.Refusals.Read(before).Single().Reason;
        queue.Cut();
        return reason;
    }
}
