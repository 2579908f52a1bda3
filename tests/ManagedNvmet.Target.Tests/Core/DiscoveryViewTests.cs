using System.Buffers.Binary;
using System.Net;
using System.Text;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Subsystems;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

/// <summary>The discovery log of each host, and the hosts that get an event about a change.</summary>
public sealed class DiscoveryViewTests
{
    private const uint DiscoveryEvent = 0x0070_F002;

    private static readonly Nqn Second = SimulatedWorld.NqnOf("second");

    private readonly SimulatedWorld _world = new();
    private readonly Port _first = new(1, IPAddress.Parse("10.0.0.1"), 4420);
    private readonly Port _other = new(2, IPAddress.Parse("10.0.0.2"), 4421);

    public DiscoveryViewTests()
    {
        _world.Target.AddSubsystem(new SubsystemOptions { Nqn = Second, SerialNumber = "2" });
        _world.Target.SetPorts([_first, _other]);
    }

    [Fact]
    public void A_host_hears_of_every_port_where_what_it_may_use_is_exported()
    {
        _world.Target.SetPorts([_first with { Subsystems = [SimulatedWorld.DiskNqn] }, _other]);

        Assert.Equal(
            [
                "3 discovery 10.0.0.1:4420", "3 discovery 10.0.0.2:4421", "2 disk 10.0.0.1:4420", "2 disk 10.0.0.2:4421",
                "2 second 10.0.0.2:4421",
            ],
            Entries(Discovery()));
    }

    [Fact]
    public void Port_local_entries_are_those_of_the_port_that_the_host_reached()
    {
        SimulatedQueue admin = Discovery();

        Assert.Equal(["3 discovery 10.0.0.1:4420", "2 disk 10.0.0.1:4420", "2 second 10.0.0.1:4420"], Entries(admin, wishes: 2));
        Assert.Equal(2, Read(admin, 24, wishes: 2)[18]);
        Assert.Equal(0, Read(admin, 24)[18]);
        Assert.Equal(0, Read(admin, 24, wishes: 4)[18]);

        _world.Target.SetPorts([_first with { IsDiscoveryLocal = true }, _other]);
        Assert.Equal(["3 discovery 10.0.0.1:4420", "2 disk 10.0.0.1:4420", "2 second 10.0.0.1:4420"], Entries(Discovery()));
    }

    [Fact]
    public void Extended_entries_say_how_long_they_are_and_hold_the_same()
    {
        SimulatedQueue admin = Discovery();
        byte[] plain = Read(admin, 7 * 1024);
        byte[] extended = Read(admin, 1024 + 6 * 1032, wishes: 1);

        Assert.Equal(1, extended[18]);
        Assert.Equal(1024u + 6 * 1032, BinaryPrimitives.ReadUInt32LittleEndian(extended.AsSpan(20)));
        for (int index = 0; index < 6; index++)
        {
            ReadOnlySpan<byte> entry = extended.AsSpan(1024 + index * 1032, 1032);
            Assert.Equal(plain.AsSpan(1024 + index * 1024, 1024).ToArray(), entry[..1024].ToArray());
            Assert.Equal(1032u, BinaryPrimitives.ReadUInt32LittleEndian(entry[1024..]));
            Assert.Equal(0u, BinaryPrimitives.ReadUInt32LittleEndian(entry[1028..]));
        }
    }

    [Fact]
    public void Hidden_ports_and_subsystems_are_not_told_of_and_can_be_used()
    {
        _world.Target.SetPorts([_first, _other with { IsHidden = true }]);
        _world.Disk.SetHidden(true);
        SimulatedQueue admin = Discovery();

        Assert.Equal(["3 discovery 10.0.0.1:4420", "2 second 10.0.0.1:4420"], Entries(admin));
        Assert.True(_world.Enable(local: "10.0.0.2:4421").IsOpen);
        _world.Disk.SetHidden(false);
        Assert.Equal(3, Entries(admin).Length);
    }

    [Fact]
    public void What_an_entry_says_of_security_comes_from_its_port_and_its_address_may_be_another()
    {
        _world.Target.SetPorts(
        [
            _first with
            {
                SecureChannel = SecureChannel.Required,
                Security = TransportSecurity.Tls13,
                AdvertisedAddress = IPAddress.Parse("203.0.113.5"),
            },
        ]);
        byte[] log = Read(Discovery(), 2048);

        Assert.Equal(5, log[1024 + 3]);
        Assert.Equal(2, log[1024 + 768]);
        Assert.Equal("203.0.113.5", Encoding.ASCII.GetString(log, 1024 + 512, 256).TrimEnd());
    }

    [Fact]
    public void Referrals_are_told_by_the_port_they_belong_to_and_to_those_who_may_see_them()
    {
        Referral open = new(IPAddress.Parse("192.0.2.1"), 8009) { PortId = 9 };
        Referral closed = new(IPAddress.Parse("2001:db8::1"), 8009) { VisibleTo = [SimulatedWorld.NqnOf("friend")], Nqn = Second };
        _world.Target.SetPorts([_first with { Referrals = [open, closed] }, _other]);

        Assert.Contains("1 discovery 192.0.2.1:8009", Entries(Discovery()));
        Assert.DoesNotContain("1 second 2001:db8::1:8009", Entries(Discovery()));
        Assert.Contains("1 second 2001:db8::1:8009", Entries(Discovery("friend")));
        Assert.DoesNotContain("1 discovery 192.0.2.1:8009", Entries(Discovery(local: "10.0.0.2:4421")));
    }

    [Fact]
    public void A_discovery_subsystem_of_its_own_name_says_so_and_answers_to_both()
    {
        var own = new SimulatedWorld(new TargetOptions { DiscoveryNqn = Second });
        own.Target.SetPorts([_first]);

        Assert.Equal(["3 second 10.0.0.1:4420", "2 disk 10.0.0.1:4420"], Entries(own.Enable(Nqn.Discovery)));
        Assert.Equal(["3 second 10.0.0.1:4420", "2 disk 10.0.0.1:4420"], Entries(own.Enable(Second)));
        Assert.Equal(Second.Text, Encoding.UTF8.GetString(own.Enable(Second).Identify(0x01), 768, Second.Text.Length));
    }

    [Fact]
    public void The_entry_about_itself_can_be_left_out()
    {
        var silent = new SimulatedWorld(new TargetOptions { TellsOfDiscovery = false });
        silent.Target.SetPorts([_first]);

        Assert.Equal(["2 disk 10.0.0.1:4420"], Entries(silent.Enable(Nqn.Discovery)));
    }

    [Fact]
    public void A_change_is_told_to_those_who_see_it_and_moves_their_generation_only()
    {
        SimulatedQueue friend = Listening("friend", out TestCommand friendEvent);
        SimulatedQueue stranger = Listening("stranger", out TestCommand strangerEvent);
        ulong friendBefore = Generation(friend);
        ulong strangerBefore = Generation(stranger);

        _world.Disk.SetAccess(SubsystemAccess.Of([SimulatedWorld.NqnOf("friend")]));
        _world.Run();

        Assert.False(friendEvent.IsDone);
        Assert.Equal(DiscoveryEvent, strangerEvent.Completion.Result);
        Assert.Equal(friendBefore, Generation(friend));
        Assert.True(Generation(stranger) > strangerBefore);
        Assert.Equal(4, Entries(stranger).Length);
        Assert.Equal(6, Entries(friend).Length);
    }

    [Fact]
    public void Several_changes_in_one_batch_are_told_once_and_those_that_cancel_each_other_not_at_all()
    {
        SimulatedQueue admin = Listening("friend", out TestCommand happened);
        ulong before = Generation(admin);
        using (_world.Target.BatchChanges())
        {
            _world.Disk.SetHidden(true);
            using (_world.Target.BatchChanges())
                _world.Disk.SetHidden(false);
            _world.Run();
        }
        _world.Run();
        Assert.False(happened.IsDone);
        Assert.Equal(before, Generation(admin));

        using (_world.Target.BatchChanges())
        {
            _world.Disk.SetHidden(true);
            _world.Target.SetPorts([_first]);
            _world.Run();
            Assert.False(happened.IsDone);
        }
        _world.Run();
        Assert.Equal(DiscoveryEvent, happened.Completion.Result);
        Assert.True(Generation(admin) > before);
    }

    private static string[] Entries(SimulatedQueue admin, byte wishes = 0)
    {
        int count = (int)BinaryPrimitives.ReadUInt64LittleEndian(Read(admin, 16, wishes).AsSpan(8));
        byte[] log = Read(admin, (count + 1) * 1024, wishes);
        return
        [
            .. Enumerable.Range(1, count).Select(index =>
            {
                string nqn = Encoding.UTF8.GetString(log, index * 1024 + 256, 256).TrimEnd('\0');
                string address = Encoding.ASCII.GetString(log, index * 1024 + 512, 256).TrimEnd();
                string port = Encoding.ASCII.GetString(log, index * 1024 + 32, 32).TrimEnd();
                return $"{log[index * 1024 + 2]} {nqn[(nqn.LastIndexOfAny([':', '.']) + 1)..]} {address}:{port}";
            }),
        ];
    }

    private static ulong Generation(SimulatedQueue admin) => BinaryPrimitives.ReadUInt64LittleEndian(Read(admin, 8));

    private static byte[] Read(SimulatedQueue admin, int length, byte wishes = 0)
    {
        TestCommand read = admin.Send(
            new Protocol.Wire.SubmissionEntry { Opcode = 0x02, Cdw10 = 0x70u | ((uint)wishes << 8) | (((uint)(length / 4) - 1) << 16) },
            new byte[length]);
        Assert.Equal(NvmeStatus.Success, read.Status);
        return read.Data.ToArray();
    }

    private SimulatedQueue Discovery(string host = "host", string local = "10.0.0.1:4420") =>
        _world.EnableAs(SimulatedWorld.Host(host, subsystem: Nqn.Discovery), local);

    private SimulatedQueue Listening(string host, out TestCommand request)
    {
        SimulatedQueue admin = Discovery(host);
        admin.SetFeature(0x0B, 1u << 31);
        Read(admin, 1024);
        request = admin.RequestEvent();
        return admin;
    }
}
