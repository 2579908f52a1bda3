using System.Text;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Subsystems;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class ConnectTests
{
    private const uint InData = 1 << 16;

    private readonly SimulatedWorld _world = new();

    [Fact]
    public void A_host_that_connects_gets_a_controller_of_its_own()
    {
        SimulatedQueue first = _world.ConnectAdmin();
        SimulatedQueue second = _world.ConnectAdmin();

        Assert.NotEqual(first.ControllerId, second.ControllerId);
        Assert.InRange(first.ControllerId, (ushort)1, (ushort)0xFFEF);
        Assert.Equal(2, _world.Disk.Controllers.Count);
    }

    public static TheoryData<string, uint> WrongAdminConnects => new()
    {
        { "queue size 0", 44 },
        { "queue too large", 44 },
        { "subsystem without end", 256 | InData },
        { "subsystem empty", 256 | InData },
        { "subsystem unknown", 256 | InData },
        { "subsystem differs at byte 17", 256 | InData },
        { "host without end", 512 | InData },
        { "static controller", 16 | InData },
        { "certain controller", 16 | InData },
    };

    [Theory]
    [MemberData(nameof(WrongAdminConnects))]
    public void A_wrong_parameter_is_named_by_its_place(string wrong, uint place)
    {
        ConnectData data = new();
        data = wrong switch
        {
            "queue size 0" => data with { QueueSize = 0 },
            "queue too large" => data with { QueueSize = 128 },
            "subsystem without end" => data with { Damage = static bytes => bytes.AsSpan(256, 256).Fill((byte)'a') },
            "subsystem empty" => data with { Damage = static bytes => bytes.AsSpan(256, 256).Clear() },
            "subsystem unknown" => data with { SubsystemNqn = Nqn.Parse("nqn.2026-11.com.example:other") },
            "subsystem differs at byte 17" => data with { Damage = static bytes => bytes[256 + 17]++ },
            "host without end" => data with { Damage = static bytes => bytes.AsSpan(512, 256).Fill((byte)'a') },
            "static controller" => data with { ControllerId = 0xFFFE },
            _ => data with { ControllerId = 1 },
        };
        SimulatedQueue queue = _world.Open();

        TestCommand connect = queue.Connect(data);

        Assert.Equal(NvmeStatus.ConnectInvalidParameters, connect.Status);
        Assert.Equal(place, connect.Completion.Result);
        Assert.Empty(_world.Disk.Controllers);
        Assert.Single(_world.Log.Warnings);
    }

    [Fact]
    public void Names_that_differ_after_byte_17_are_two_subsystems()
    {
        Nqn other = Nqn.Parse(SimulatedWorld.DiskNqn.Text + "2");
        Subsystem second = _world.Target.AddSubsystem(new SubsystemOptions { Nqn = other, SerialNumber = "2" });

        _world.ConnectAdmin(other);

        Assert.Empty(_world.Disk.Controllers);
        Assert.Single(second.Controllers);
    }

    [Fact]
    public void Another_record_format_is_incompatible()
    {
        Assert.Equal(NvmeStatus.IncompatibleFormat, _world.Open().Connect(new ConnectData { RecordFormat = 1 }).Status);
    }

    [Fact]
    public void Data_of_another_length_is_an_invalid_parameter_and_not_an_invalid_field()
    {
        TestCommand connect = _world.Open().Send(new ConnectData().ToEntry(), new byte[1020]);

        Assert.Equal(NvmeStatus.ConnectInvalidParameters, connect.Status);
        Assert.Equal(24u, connect.Completion.Result);
    }

    [Fact]
    public void A_host_that_is_not_on_the_list_is_refused_and_the_one_that_is_is_not()
    {
        _world.Disk.SetAccess(SubsystemAccess.Of([Nqn.Parse("nqn.2026-11.com.example:friend")]));
        TestCommand refused = _world.Open().Connect(new ConnectData());
        TestCommand taken = _world.Open().Connect(new ConnectData { HostNqn = Nqn.Parse("nqn.2026-11.com.example:friend") });

        Assert.Equal(NvmeStatus.ConnectInvalidHost, refused.Status);
        Assert.Equal(0u, refused.Completion.Result);
        Assert.Equal(NvmeStatus.Success, taken.Status);
        Assert.Contains("allowed_hosts", Assert.Single(_world.Log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_about_a_refused_host_says_who_what_and_why()
    {
        _world.Open().Connect(new ConnectData { SubsystemNqn = Nqn.Parse("nqn.2026-11.com.example:other") });

        string line = Assert.Single(_world.Log.Warnings);
        Assert.Contains("10.0.0.99", line, StringComparison.Ordinal);
        Assert.Contains(SimulatedWorld.HostNqn.Text, line, StringComparison.Ordinal);
        Assert.Contains("nqn.2026-11.com.example:other", line, StringComparison.Ordinal);
        Assert.Contains("there is no such subsystem", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_that_is_refused_a_thousand_times_fills_no_log()
    {
        SimulatedQueue queue = _world.Open();
        for (int attempt = 0; attempt < 1000; attempt++)
            queue.Connect(new ConnectData { ControllerId = 1 });

        Assert.InRange(_world.Log.Warnings.Count(), 10, 100);
        Assert.DoesNotContain(_world.Log.Lines, static line => line.Level > LogLevel.Warning);
    }

    [Fact]
    public void A_name_with_a_line_break_does_not_reach_the_log_as_one()
    {
        _world.Open().Connect(new ConnectData
        {
            Damage = static bytes => Encoding.ASCII.GetBytes("nqn.2026-11.a:b\nforged").CopyTo(bytes, 512),
        });

        Assert.DoesNotContain('\n', Assert.Single(_world.Log.Warnings));
    }

    [Fact]
    public void Too_many_controllers_are_busy_and_the_host_may_try_again()
    {
        var small = new SimulatedWorld(new TargetOptions { Limits = new TargetLimits { MaxControllers = 1 } });
        SimulatedQueue first = small.ConnectAdmin();
        SimulatedQueue queue = small.Open();
        TestCommand refused = queue.Connect(new ConnectData());

        Assert.Equal(NvmeStatus.ControllerBusy, refused.Status);
        Assert.False(refused.Status.DoNotRetry);

        first.Cut();
        Assert.Equal(NvmeStatus.Success, queue.Connect(new ConnectData()).Status);
    }

    [Fact]
    public void Two_targets_with_different_options_know_nothing_of_each_other()
    {
        var small = new SimulatedWorld(new TargetOptions { Limits = new TargetLimits { MaxControllers = 1, MaxQueueEntries = 64 } });
        small.ConnectAdmin();
        _world.ConnectAdmin();
        _world.ConnectAdmin();

        Assert.Equal(63u, small.Enable(Nqn.Discovery).GetProperty(0, isLong: true).Completion.Result & 0xFFFF);
        Assert.Equal(1023u, _world.Enable().GetProperty(0, isLong: true).Completion.Result & 0xFFFF);
        Assert.Single(small.Disk.Controllers);
    }

    [Fact]
    public void Nothing_but_connect_comes_first_and_connect_comes_once()
    {
        SimulatedQueue queue = _world.Open();

        Assert.Equal(NvmeStatus.CommandSequenceError, queue.GetProperty(0x1C).Status);
        Assert.Equal(NvmeStatus.CommandSequenceError, queue.Send(new() { Opcode = 0x06 }, new byte[4096]).Status);
        Assert.Equal(NvmeStatus.CommandSequenceError, queue.Send(Entries.Fabrics(0x77)).Status);
        Assert.Equal(NvmeStatus.Success, queue.Connect(new ConnectData()).Status);
        Assert.Equal(NvmeStatus.CommandSequenceError, queue.Connect(new ConnectData()).Status);
        Assert.True(queue.Send(Entries.Fabrics(0xC0)).Status.IsSameCode(NvmeStatus.InvalidOpcode));
    }

    [Fact]
    public void Flow_control_is_given_up_when_the_host_asks_for_it()
    {
        TestCommand without = _world.Open().Connect(new ConnectData { DisablesFlowControl = true });
        TestCommand with = _world.Open().Connect(new ConnectData());

        Assert.Equal(0xFFFF, (ushort)without.Completion.SubmissionQueueHead);
        Assert.NotEqual(0xFFFF, (ushort)with.Completion.SubmissionQueueHead);
    }

    [Fact]
    public void A_refused_host_that_stays_is_sent_away()
    {
        SimulatedQueue queue = _world.Open();
        queue.Connect(new ConnectData { QueueSize = 0 });

        _world.Advance(20_000);

        Assert.False(queue.IsOpen);
    }

    [Fact]
    public void An_io_queue_joins_its_controller_from_another_thread()
    {
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue io = _world.ConnectIo(admin, 1);

        Assert.Equal(1, io.Pair.Id);
        Assert.Same(admin.Pair.Controller, io.Pair.Controller);
        Assert.Equal(1, admin.Pair.Controller!.IoQueueCount);
    }

    [Fact]
    public void An_io_queue_of_a_controller_that_does_not_exist_may_be_tried_again()
    {
        TestCommand connect = _world.Open().Connect(new ConnectData { QueueId = 1, ControllerId = 7 });

        Assert.True(connect.Status.IsSameCode(NvmeStatus.ConnectInvalidParameters));
        Assert.False(connect.Status.DoNotRetry);
        Assert.Equal(16u | InData, connect.Completion.Result);
    }

    [Fact]
    public void An_io_queue_needs_an_enabled_controller_of_the_same_host_and_subsystem()
    {
        Nqn other = Nqn.Parse("nqn.2026-11.com.example:other");
        _world.Target.AddSubsystem(new SubsystemOptions { Nqn = other, SerialNumber = "2" });
        SimulatedQueue admin = _world.ConnectAdmin();
        var good = new ConnectData { QueueId = 1, ControllerId = admin.ControllerId };

        Assert.Equal((false, 42u), Refused(good));
        admin.SetProperty(0x14, 0x00460001);
        Assert.Equal((true, 512u | InData), Refused(good with { HostNqn = other }));
        Assert.Equal((true, 0u | InData), Refused(good with { HostIdByte = 1 }));
        Assert.Equal((true, 42u), Refused(good with { QueueId = 129 }));
        Assert.Equal((true, 44u), Refused(good with { QueueSize = 1024 }));
        Assert.Equal(16u | InData, Refused(good with { SubsystemNqn = other, ControllerId = (ushort)(admin.ControllerId ^ 1) }).Result);
        Assert.Equal(NvmeStatus.Success, _world.Open().Connect(good with { HostIdByte = 0 }).Status);
        Assert.Equal(NvmeStatus.Success, _world.Open().Connect(good with { QueueId = 2 }).Status);

        TestCommand twice = _world.Open().Connect(good);
        Assert.Equal(NvmeStatus.CommandSequenceError.Retryable(), twice.Status);

        admin.SetProperty(0x14, 0x00464001);
        Assert.Equal((false, 42u), Refused(good with { QueueId = 3 }));
    }

    [Fact]
    public void A_discovery_controller_takes_no_io_queue()
    {
        SimulatedQueue admin = _world.Enable(Nqn.Discovery);

        Assert.Equal(
            (true, 42u), Refused(new ConnectData { QueueId = 1, ControllerId = admin.ControllerId, SubsystemNqn = Nqn.Discovery }));
    }

    [Fact]
    public void An_io_queue_that_was_cut_can_be_connected_again()
    {
        SimulatedQueue admin = _world.Enable();
        _world.ConnectIo(admin, 1).Cut();

        Assert.Equal(0, admin.Pair.Controller!.IoQueueCount);
        _world.ConnectIo(admin, 1);
    }

    private (bool DoNotRetry, uint Result) Refused(ConnectData data)
    {
        TestCommand connect = _world.Open().Connect(data);
        Assert.True(connect.Status.IsSameCode(NvmeStatus.ConnectInvalidParameters), connect.Status.ToString());
        return (connect.Status.DoNotRetry, (uint)connect.Completion.Result);
    }
}
