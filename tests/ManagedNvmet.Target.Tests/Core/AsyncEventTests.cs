using ManagedNvmet.Target.Subsystems;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class AsyncEventTests
{
    private const uint NamespaceChange = 0x0004_0002;
    private const uint DiscoveryChange = 0x0070_F002;

    private readonly SimulatedWorld _world = new();
    private readonly SimulatedQueue _admin;

    public AsyncEventTests()
    {
        _admin = _world.Enable();
        _admin.SetFeature(0x0B, 0x100);
    }

    [Fact]
    public void A_request_waits_for_the_event()
    {
        TestCommand request = _admin.RequestEvent();
        Assert.False(request.IsDone);

        _world.AddNamespace();

        Assert.Equal(NvmeStatus.Success, request.Status);
        Assert.Equal(NamespaceChange, request.Completion.Result);
    }

    [Fact]
    public void An_event_that_nobody_waits_for_is_kept_once()
    {
        _world.AddNamespace(1);
        _world.AddNamespace(2);

        Assert.Equal(NamespaceChange, _admin.RequestEvent().Completion.Result);
        Assert.False(_admin.RequestEvent().IsDone);
    }

    [Fact]
    public void The_next_event_comes_when_the_log_page_has_been_read()
    {
        TestCommand first = _admin.RequestEvent();
        TestCommand second = _admin.RequestEvent();
        _world.AddNamespace(1);
        _world.AddNamespace(2);
        Assert.True(first.IsDone);
        Assert.False(second.IsDone);

        TestCommand log = _admin.ReadLog(0x04, 4096, retain: true);
        _world.AddNamespace(3);
        Assert.False(second.IsDone);
        Assert.Equal([1, 2], Ids(log));

        Assert.Equal([1, 2, 3], Ids(_admin.ReadLog(0x04, 4096)));
        Assert.False(second.IsDone);
        _world.AddNamespace(4);
        Assert.Equal(NamespaceChange, second.Completion.Result);
        Assert.Equal([4], Ids(_admin.ReadLog(0x04, 4096)));
    }

    [Fact]
    public void A_replaced_namespace_is_told_again_when_the_host_has_read_of_its_removal()
    {
        _world.AddNamespace(3);
        _admin.ReadLog(0x04, 4096);
        TestCommand first = _admin.RequestEvent();
        TestCommand second = _admin.RequestEvent();
        TestCommand third = _admin.RequestEvent();

        _world.Disk.RemoveNamespace(3);
        _world.AddNamespace(3);
        Assert.True(first.IsDone);
        Assert.False(second.IsDone);

        Assert.Equal([3], Ids(_admin.ReadLog(0x04, 4096)));
        Assert.Equal(NamespaceChange, second.Completion.Result);
        Assert.Equal([3], Ids(_admin.ReadLog(0x04, 4096)));
        Assert.False(third.IsDone);
        Assert.Equal([], Ids(_admin.ReadLog(0x04, 4096)));
    }

    [Fact]
    public void A_namespace_that_only_changes_its_size_is_told_once()
    {
        _world.AddNamespace(3);
        _admin.ReadLog(0x04, 4096);
        TestCommand first = _admin.RequestEvent();
        TestCommand second = _admin.RequestEvent();

        _world.Device.BlockCount = 2000;
        _world.Disk.NotifyNamespaceChanged(3);
        _world.Run();

        Assert.True(first.IsDone);
        Assert.Equal([3], Ids(_admin.ReadLog(0x04, 4096)));
        Assert.False(second.IsDone);
    }

    [Fact]
    public void A_host_that_uses_the_identifier_of_a_waiting_request_again_withdraws_the_request()
    {
        TestCommand first = _admin.RequestEvent();
        TestCommand second = _admin.RequestEvent();

        _admin.SendRaw(new() { Opcode = 0x18, CommandId = first.Entry.CommandId });
        Assert.Equal(NvmeStatus.Success, first.Status);
        Assert.Equal(0u, first.Completion.Result);
        Assert.Equal(1, _world.Target.TransportErrors.WithdrawnEventRequests);

        _world.AddNamespace();
        Assert.Equal(NamespaceChange, second.Completion.Result);
    }

    [Fact]
    public void An_identifier_of_another_outstanding_command_is_still_a_conflict()
    {
        _world.AddNamespace();
        SimulatedQueue io = _world.ConnectIo(_admin, 1);
        _world.Device.IsHolding = true;
        TestCommand write = io.StartWrite();
        _world.Run();

        io.SendRaw(new() { Opcode = 0x00, NamespaceId = 1, CommandId = write.Entry.CommandId });

        Assert.True(write.Status.IsSameCode(NvmeStatus.CommandIdConflict));
        Assert.Equal(0, _world.Target.TransportErrors.WithdrawnEventRequests);
    }

    [Fact]
    public void As_many_requests_as_the_limit_wait_and_one_more_does_not()
    {
        TestCommand[] waiting = [_admin.RequestEvent(), _admin.RequestEvent(), _admin.RequestEvent(), _admin.RequestEvent()];
        TestCommand fifth = _admin.RequestEvent();

        Assert.All(waiting, static request => Assert.False(request.IsDone));
        Assert.True(fifth.Status.IsSameCode(NvmeStatus.AsyncEventRequestLimitExceeded));
        Assert.True(fifth.Status.DoNotRetry);

        _world.AddNamespace();
        Assert.True(waiting[0].IsDone);
        Assert.False(_admin.RequestEvent().IsDone);
    }

    [Fact]
    public void An_event_that_the_host_did_not_ask_for_is_not_reported()
    {
        SimulatedQueue other = _world.Enable();
        TestCommand request = other.RequestEvent();

        _world.AddNamespace();

        Assert.False(request.IsDone);
    }

    [Fact]
    public void A_namespace_that_grows_is_an_event()
    {
        _world.AddNamespace();
        _admin.ReadLog(0x04, 4096);
        _admin.RequestEvent();
        _admin.ReadLog(0x04, 4096);
        TestCommand request = _admin.RequestEvent();
        _world.Device.BlockCount = 2000;

        Assert.True(_world.Disk.NotifyNamespaceChanged(1));
        _world.Run();

        Assert.Equal(NamespaceChange, request.Completion.Result);
        Assert.Equal(2000u, _world.Disk.Find(1)!.Properties.BlockCount);
        Assert.False(_world.Disk.NotifyNamespaceChanged(2));
    }

    [Fact]
    public void Requests_end_with_their_connection()
    {
        TestCommand request = _admin.RequestEvent();

        _admin.Cut();

        Assert.True(request.IsLost);
        Assert.Empty(_world.Disk.Controllers);
    }

    [Fact]
    public void A_discovery_host_hears_of_a_new_subsystem()
    {
        SimulatedQueue discovery = _world.Enable(Nqn.Discovery, keepAlive: 30_000);
        TestCommand request = discovery.RequestEvent();
        Assert.False(request.IsDone);

        _world.Target.AddSubsystem(new SubsystemOptions { Nqn = Nqn.Parse("nqn.2026-11.com.example:new"), SerialNumber = "2" });
        _world.Run();

        Assert.Equal(DiscoveryChange, request.Completion.Result);
    }

    private static uint[] Ids(TestCommand log)
    {
        Assert.Equal(NvmeStatus.Success, log.Status);
        return [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(log.Data.Span).ToArray().TakeWhile(static id => id != 0)];
    }
}
