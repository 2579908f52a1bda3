using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target.QualityOfService;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class AssociationTests
{
    private readonly SimulatedWorld _world = new();

    [Fact]
    public void Commands_wait_for_the_controller_to_be_enabled()
    {
        SimulatedQueue admin = _world.ConnectAdmin();

        Assert.True(admin.Send(new() { Opcode = 0x18 }).Status.IsSameCode(NvmeStatus.CommandSequenceError));
        admin.SetProperty(0x14, 0x00460001);
        Assert.Equal(NvmeStatus.Success, admin.Send(new() { Opcode = 0x18 }).Status);
    }

    [Fact]
    public void A_failing_command_leaves_nothing_in_its_result()
    {
        SimulatedQueue admin = _world.Enable();

        TestCommand unknown = admin.GetProperty(0x20);
        TestCommand badOpcode = admin.Send(new() { Opcode = 0x05 });

        Assert.True(unknown.Status.IsSameCode(NvmeStatus.InvalidField));
        Assert.Equal(0u, unknown.Completion.Result);
        Assert.True(badOpcode.Status.IsSameCode(NvmeStatus.InvalidOpcode));
        Assert.True(badOpcode.Status.More);
        Assert.Equal(0u, badOpcode.Completion.Result);
    }

    [Fact]
    public void A_reset_is_over_when_the_last_command_of_the_io_queues_is()
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        _world.Device.IsHolding = true;
        TestCommand write = io.StartWrite();
        _world.Run();

        Assert.Equal(NvmeStatus.Success, admin.SetProperty(0x14, 0x00460000).Status);
        Assert.False(io.IsOpen);
        Assert.True(write.IsLost);
        Assert.Equal(1u, admin.ControllerStatus);
        Assert.Equal(NvmeStatus.CommandSequenceError.WithMore(), admin.SetProperty(0x14, 0x00460001).Status);

        _world.Device.Release();
        _world.Run();
        Assert.Equal(0u, admin.ControllerStatus);
        Assert.Equal(0u, admin.GetProperty(0x14).Completion.Result);
        Assert.Equal(NvmeStatus.Success, admin.SetProperty(0x14, 0x00460001).Status);
        Assert.Equal(1u, admin.ControllerStatus);
        _world.ConnectIo(admin, 1);
        Assert.Equal(0, io.Buffers.Rented);
    }

    [Fact]
    public void A_reset_ends_the_event_requests_and_forgets_the_events()
    {
        SimulatedQueue admin = _world.Enable();
        admin.SetFeature(0x0B, 0x100);
        TestCommand request = admin.RequestEvent();

        admin.SetProperty(0x14, 0x00460000);
        Assert.Equal(NvmeStatus.CommandAborted, request.Status);
        admin.SetProperty(0x14, 0x00460001);
        _world.AddNamespace();
        Assert.False(admin.RequestEvent().IsDone);
    }

    [Fact]
    public void A_shutdown_flushes_and_is_complete_when_the_flush_is()
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable();
        _world.Device.IsHolding = true;

        Assert.Equal(NvmeStatus.Success, admin.SetProperty(0x14, 0x00464001).Status);
        Assert.Equal(1, _world.Device.FlushCount);
        Assert.Equal(0b0101u, admin.ControllerStatus);
        Assert.True(admin.Send(new() { Opcode = 0x18 }).Status.IsSameCode(NvmeStatus.CommandSequenceError));

        _world.Device.Release();
        _world.Run();
        Assert.Equal(0b1001u, admin.ControllerStatus);
        Assert.True(admin.IsOpen);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_shutdown_is_complete_only_when_the_commands_that_a_device_has_are(uint notification)
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        _world.Device.IsHolding = true;
        TestCommand write = io.StartWrite();
        _world.Run();

        admin.SetProperty(0x14, 0x00460001 | (notification << 14));
        Assert.Equal(0b0101u, admin.ControllerStatus);
        Assert.Equal(0, _world.Device.FlushCount);

        _world.Device.ReleaseOne();
        _world.Run();
        Assert.Equal(NvmeStatus.Success, write.Status);
        Assert.Equal(1, _world.Device.FlushCount);
        Assert.Equal(0b0101u, admin.ControllerStatus);

        _world.Device.Release();
        _world.Run();
        Assert.Equal(0b1001u, admin.ControllerStatus);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_shutdown_aborts_the_commands_that_have_not_begun_and_none_runs_after_it(uint notification)
    {
        _world.AddNamespace();
        _world.Disk.SetQualityOfService(1, new QualityOfServiceLimits { WriteIops = 10 });
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        TestCommand[] writes = [.. Enumerable.Range(0, 30).Select(_ => io.StartWrite())];
        _world.Run();
        int begun = _world.Device.WriteCount;
        Assert.InRange(begun, 1, 29);

        admin.SetProperty(0x14, 0x00460001 | (notification << 14));
        Assert.Equal(0b1001u, admin.ControllerStatus);
        _world.Advance(5000);

        Assert.Equal(begun, _world.Device.WriteCount);
        Assert.Equal(begun, writes.Count(static write => write.Status.IsSuccess));
        Assert.All(writes.Where(static write => !write.Status.IsSuccess),
            static write => Assert.True(write.Status.IsSameCode(NvmeStatus.AbortedBySubmissionQueueDeletion)));
        Assert.True(io.Read().Status.IsSameCode(NvmeStatus.CommandSequenceError));
    }

    [Fact]
    public void A_reset_during_a_shutdown_is_not_ended_by_the_flush_of_that_shutdown()
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable();
        _world.Device.IsHolding = true;
        admin.SetProperty(0x14, 0x00464001);
        admin.SetProperty(0x14, 0x00460000);
        admin.SetProperty(0x14, 0x00460001);
        admin.SetProperty(0x14, 0x00464001);
        Assert.Equal(2, _world.Device.Outstanding);
        _world.Device.ReleaseOne();
        _world.Run();
        Assert.Equal(0b0101u, admin.ControllerStatus);

        _world.Device.Release();
        _world.Run();
        Assert.Equal(0b1001u, admin.ControllerStatus);
    }

    [Fact]
    public void A_shut_down_controller_can_be_reset_and_enabled_again()
    {
        SimulatedQueue admin = _world.Enable();
        admin.SetProperty(0x14, 0x00464001);
        admin.SetProperty(0x14, 0x00460000);
        Assert.Equal(0u, admin.ControllerStatus);
        admin.SetProperty(0x14, 0x00460001);

        Assert.Equal(1u, admin.ControllerStatus);
    }

    [Fact]
    public void The_io_queues_go_with_the_admin_queue()
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue first = _world.ConnectIo(admin, 1);
        SimulatedQueue second = _world.ConnectIo(admin, 2, _world.First);
        _world.Device.IsHolding = true;
        first.StartWrite();
        _world.Run();

        admin.Cut();

        Assert.False(first.IsOpen);
        Assert.False(second.IsOpen);
        Assert.Equal(CloseReason.AssociationEnded, first.CloseReason);
        Assert.Single(_world.Disk.Controllers);
        _world.Device.Release();
        _world.Run();
        Assert.Empty(_world.Disk.Controllers);
        Assert.Equal(0, first.Buffers.Rented);
    }

    [Fact]
    public void A_silent_host_loses_its_whole_association()
    {
        SimulatedQueue admin = _world.Enable(keepAlive: 5000);
        SimulatedQueue io = _world.ConnectIo(admin, 1);

        _world.Advance(4990);
        Assert.True(admin.IsOpen);
        _world.Advance(5100);

        Assert.Equal(CloseReason.KeepAliveTimeout, admin.CloseReason);
        Assert.Equal(CloseReason.KeepAliveTimeout, io.CloseReason);
        Assert.Empty(_world.Disk.Controllers);
        Assert.Contains(SimulatedWorld.HostNqn.Text, Assert.Single(_world.Log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_on_any_queue_keeps_the_association_alive()
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable(keepAlive: 5000);
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        for (int count = 0; count < 10; count++)
        {
            _world.Advance(4000);
            Assert.Equal(NvmeStatus.Success, io.Read().Status);
        }
        Assert.True(admin.IsOpen);
        Assert.True(io.IsOpen);
    }

    [Fact]
    public void A_command_on_a_queue_that_has_ended_since_kept_the_association_alive()
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable(keepAlive: 5000);
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        _world.Advance(6000);
        _world.Advance(3000);
        Assert.Equal(NvmeStatus.Success, io.Read().Status);
        Assert.True(io.Send(Entries.Fabrics(0x08)).Status.IsSuccess);
        _world.Advance(4900);

        Assert.True(admin.IsOpen);
    }

    [Fact]
    public void A_keep_alive_timeout_of_zero_is_no_timer_for_an_io_controller()
    {
        SimulatedQueue admin = _world.Enable(keepAlive: 5000);
        admin.SetFeature(0x0F, 0);
        _world.Advance(300_000);

        Assert.True(admin.IsOpen);
    }

    [Fact]
    public void A_discovery_host_without_keep_alive_may_be_idle_for_two_minutes()
    {
        SimulatedQueue admin = _world.Enable(Nqn.Discovery);
        _world.Advance(119_000);
        Assert.True(admin.IsOpen);
        _world.Advance(122_000);

        Assert.False(admin.IsOpen);
        Assert.Empty(_world.Target.Discovery.Controllers);
    }

    [Fact]
    public void A_controller_that_is_never_enabled_goes_after_two_minutes()
    {
        SimulatedQueue admin = _world.ConnectAdmin();
        _world.Advance(119_900);
        Assert.True(admin.IsOpen);
        _world.Advance(200);

        Assert.Equal(CloseReason.AssociationEnded, admin.CloseReason);
    }

    [Fact]
    public void Disconnect_is_the_last_answer_of_its_queue_and_frees_its_identifier()
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        _world.Device.IsHolding = true;
        TestCommand write = io.StartWrite();
        TestCommand disconnect = io.Send(Entries.Fabrics(0x08));
        Assert.False(disconnect.IsDone);

        _world.Device.Release();
        _world.Run();
        Assert.Equal(NvmeStatus.Success, write.Status);
        Assert.Equal(NvmeStatus.Success, disconnect.Status);
        Assert.False(io.IsOpen);
        _world.ConnectIo(admin, 1);
        Assert.True(admin.Send(Entries.Fabrics(0x08)).Status.IsSameCode(NvmeStatus.InvalidQueueType));
    }

    [Fact]
    public void A_Disconnect_that_is_cut_off_leaves_nothing_behind()
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        _world.Device.IsHolding = true;
        io.StartWrite();
        TestCommand disconnect = io.Send(Entries.Fabrics(0x08));
        Assert.False(disconnect.IsDone);

        admin.Cut();
        _world.Device.Release();
        _world.Run();

        Assert.True(disconnect.IsLost);
        Assert.Empty(_world.Disk.Controllers);
    }

    [Fact]
    public void Properties_are_not_for_io_queues()
    {
        SimulatedQueue admin = _world.Enable();

        Assert.True(_world.ConnectIo(admin, 1).GetProperty(0x1C).Status.IsSameCode(NvmeStatus.InvalidField));
    }

    [Fact]
    public void A_discovery_controller_has_its_own_commands_only()
    {
        SimulatedQueue admin = _world.Enable(Nqn.Discovery);

        Assert.Equal(NvmeStatus.Success, admin.Send(new() { Opcode = 0x18 }).Status);
        Assert.True(admin.Send(new() { Opcode = 0x08 }).Status.IsSameCode(NvmeStatus.InvalidOpcode));
        Assert.True(admin.Send(Entries.Fabrics(0x08)).Status.IsSameCode(NvmeStatus.InvalidOpcode));
    }
}
