using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Testing;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class AssociationTests
{
    private readonly SimulatedWorld world = new();

    [Fact]
    public void Commands_wait_for_the_controller_to_be_enabled()
    {
        SimulatedQueue admin = world.ConnectAdmin();

        Assert.True(admin.Send(new() { Opcode = 0x18 }).Status.IsSameCode(NvmeStatus.CommandSequenceError));
        admin.SetProperty(0x14, 0x00460001);
        Assert.Equal(NvmeStatus.Success, admin.Send(new() { Opcode = 0x18 }).Status);
    }

    [Fact]
    public void A_failing_command_leaves_nothing_in_its_result()
    {
        SimulatedQueue admin = world.Enable();

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
        world.AddNamespace();
        SimulatedQueue admin = world.Enable();
        SimulatedQueue io = world.ConnectIo(admin, 1);
        world.Device.IsHolding = true;
        TestCommand write = io.StartWrite();
        world.Run();

        Assert.Equal(NvmeStatus.Success, admin.SetProperty(0x14, 0x00460000).Status);
        Assert.False(io.IsOpen);
        Assert.True(write.IsLost);
        Assert.Equal(1u, admin.ControllerStatus);
        Assert.Equal(NvmeStatus.CommandSequenceError.WithMore(), admin.SetProperty(0x14, 0x00460001).Status);

        world.Device.Release();
        world.Run();
        Assert.Equal(0u, admin.ControllerStatus);
        Assert.Equal(0u, admin.GetProperty(0x14).Completion.Result);
        Assert.Equal(NvmeStatus.Success, admin.SetProperty(0x14, 0x00460001).Status);
        Assert.Equal(1u, admin.ControllerStatus);
        world.ConnectIo(admin, 1);
        Assert.Equal(0, io.Buffers.Rented);
    }

    [Fact]
    public void A_reset_ends_the_event_requests_and_forgets_the_events()
    {
        SimulatedQueue admin = world.Enable();
        admin.SetFeature(0x0B, 0x100);
        TestCommand request = admin.RequestEvent();

        admin.SetProperty(0x14, 0x00460000);
        Assert.Equal(NvmeStatus.CommandAborted, request.Status);
        admin.SetProperty(0x14, 0x00460001);
        world.AddNamespace();
        Assert.False(admin.RequestEvent().IsDone);
    }

    [Fact]
    public void A_shutdown_flushes_and_is_complete_when_the_flush_is()
    {
        world.AddNamespace();
        SimulatedQueue admin = world.Enable();
        world.Device.IsHolding = true;

        Assert.Equal(NvmeStatus.Success, admin.SetProperty(0x14, 0x00464001).Status);
        Assert.Equal(1, world.Device.FlushCount);
        Assert.Equal(0b0101u, admin.ControllerStatus);
        Assert.True(admin.Send(new() { Opcode = 0x18 }).Status.IsSameCode(NvmeStatus.CommandSequenceError));

        world.Device.Release();
        world.Run();
        Assert.Equal(0b1001u, admin.ControllerStatus);
        Assert.True(admin.IsOpen);
    }

    [Fact]
    public void A_reset_during_a_shutdown_is_not_ended_by_the_flush_of_that_shutdown()
    {
        world.AddNamespace();
        SimulatedQueue admin = world.Enable();
        world.Device.IsHolding = true;
        admin.SetProperty(0x14, 0x00464001);
        admin.SetProperty(0x14, 0x00460000);
        admin.SetProperty(0x14, 0x00460001);
        admin.SetProperty(0x14, 0x00464001);
        Assert.Equal(2, world.Device.Outstanding);
        world.Device.ReleaseOne();
        world.Run();
        Assert.Equal(0b0101u, admin.ControllerStatus);

        world.Device.Release();
        world.Run();
        Assert.Equal(0b1001u, admin.ControllerStatus);
    }

    [Fact]
    public void A_shut_down_controller_can_be_reset_and_enabled_again()
    {
        SimulatedQueue admin = world.Enable();
        admin.SetProperty(0x14, 0x00464001);
        admin.SetProperty(0x14, 0x00460000);
        Assert.Equal(0u, admin.ControllerStatus);
        admin.SetProperty(0x14, 0x00460001);

        Assert.Equal(1u, admin.ControllerStatus);
    }

    [Fact]
    public void The_io_queues_go_with_the_admin_queue()
    {
        world.AddNamespace();
        SimulatedQueue admin = world.Enable();
        SimulatedQueue first = world.ConnectIo(admin, 1);
        SimulatedQueue second = world.ConnectIo(admin, 2, world.First);
        world.Device.IsHolding = true;
        first.StartWrite();
        world.Run();

        admin.Cut();

        Assert.False(first.IsOpen);
        Assert.False(second.IsOpen);
        Assert.Equal(CloseReason.AssociationEnded, first.CloseReason);
        Assert.Single(world.Disk.Controllers);
        world.Device.Release();
        world.Run();
        Assert.Empty(world.Disk.Controllers);
        Assert.Equal(0, first.Buffers.Rented);
    }

    [Fact]
    public void A_silent_host_loses_its_whole_association()
    {
        SimulatedQueue admin = world.Enable(keepAlive: 5000);
        SimulatedQueue io = world.ConnectIo(admin, 1);

        world.Advance(4990);
        Assert.True(admin.IsOpen);
        world.Advance(5100);

        Assert.Equal(CloseReason.KeepAliveTimeout, admin.CloseReason);
        Assert.Equal(CloseReason.KeepAliveTimeout, io.CloseReason);
        Assert.Empty(world.Disk.Controllers);
        Assert.Contains(SimulatedWorld.HostNqn.Text, Assert.Single(world.Log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_on_any_queue_keeps_the_association_alive()
    {
        world.AddNamespace();
        SimulatedQueue admin = world.Enable(keepAlive: 5000);
        SimulatedQueue io = world.ConnectIo(admin, 1);
        for (int count = 0; count < 10; count++)
        {
            world.Advance(4000);
            Assert.Equal(NvmeStatus.Success, io.Read().Status);
        }
        Assert.True(admin.IsOpen);
        Assert.True(io.IsOpen);
    }

    [Fact]
    public void A_command_on_a_queue_that_has_ended_since_kept_the_association_alive()
    {
        world.AddNamespace();
        SimulatedQueue admin = world.Enable(keepAlive: 5000);
        SimulatedQueue io = world.ConnectIo(admin, 1);
        world.Advance(6000);
        world.Advance(3000);
        Assert.Equal(NvmeStatus.Success, io.Read().Status);
        Assert.True(io.Send(Entries.Fabrics(0x08)).Status.IsSuccess);
        world.Advance(4900);

        Assert.True(admin.IsOpen);
    }

    [Fact]
    public void A_keep_alive_timeout_of_zero_is_no_timer_for_an_io_controller()
    {
        SimulatedQueue admin = world.Enable(keepAlive: 5000);
        admin.SetFeature(0x0F, 0);
        world.Advance(300_000);

        Assert.True(admin.IsOpen);
    }

    [Fact]
    public void A_discovery_host_without_keep_alive_may_be_idle_for_two_minutes()
    {
        SimulatedQueue admin = world.Enable(Nqn.Discovery);
        world.Advance(119_000);
        Assert.True(admin.IsOpen);
        world.Advance(122_000);

        Assert.False(admin.IsOpen);
        Assert.Empty(world.Target.Discovery.Controllers);
    }

    [Fact]
    public void A_controller_that_is_never_enabled_goes_after_two_minutes()
    {
        SimulatedQueue admin = world.ConnectAdmin();
        world.Advance(119_900);
        Assert.True(admin.IsOpen);
        world.Advance(200);

        Assert.Equal(CloseReason.AssociationEnded, admin.CloseReason);
    }

    [Fact]
    public void Disconnect_is_the_last_answer_of_its_queue_and_frees_its_identifier()
    {
        world.AddNamespace();
        SimulatedQueue admin = world.Enable();
        SimulatedQueue io = world.ConnectIo(admin, 1);
        world.Device.IsHolding = true;
        TestCommand write = io.StartWrite();
        TestCommand disconnect = io.Send(Entries.Fabrics(0x08));
        Assert.False(disconnect.IsDone);

        world.Device.Release();
        world.Run();
        Assert.Equal(NvmeStatus.Success, write.Status);
        Assert.Equal(NvmeStatus.Success, disconnect.Status);
        Assert.False(io.IsOpen);
        world.ConnectIo(admin, 1);
        Assert.True(admin.Send(Entries.Fabrics(0x08)).Status.IsSameCode(NvmeStatus.InvalidQueueType));
    }

    [Fact]
    public void A_Disconnect_that_is_cut_off_leaves_nothing_behind()
    {
        world.AddNamespace();
        SimulatedQueue admin = world.Enable();
        SimulatedQueue io = world.ConnectIo(admin, 1);
        world.Device.IsHolding = true;
        io.StartWrite();
        TestCommand disconnect = io.Send(Entries.Fabrics(0x08));
        Assert.False(disconnect.IsDone);

        admin.Cut();
        world.Device.Release();
        world.Run();

        Assert.True(disconnect.IsLost);
        Assert.Empty(world.Disk.Controllers);
    }

    [Fact]
    public void Properties_are_not_for_io_queues()
    {
        SimulatedQueue admin = world.Enable();

        Assert.True(world.ConnectIo(admin, 1).GetProperty(0x1C).Status.IsSameCode(NvmeStatus.InvalidField));
    }

    [Fact]
    public void A_discovery_controller_has_its_own_commands_only()
    {
        SimulatedQueue admin = world.Enable(Nqn.Discovery);

        Assert.Equal(NvmeStatus.Success, admin.Send(new() { Opcode = 0x18 }).Status);
        Assert.True(admin.Send(new() { Opcode = 0x08 }).Status.IsSameCode(NvmeStatus.InvalidOpcode));
        Assert.True(admin.Send(Entries.Fabrics(0x08)).Status.IsSameCode(NvmeStatus.InvalidOpcode));
    }
}
