using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class AsyncEventTests
{
    private const uint NamespaceChange = 0x0004_0002;
    private const uint DiscoveryChange = 0x0070_F002;

    private readonly SimulatedWorld world = new();
    private readonly SimulatedQueue admin;

    public AsyncEventTests()
    {
        admin = world.Enable();
        admin.SetFeature(0x0B, 0x100);
    }

    [Fact]
    public void A_request_waits_for_the_event()
    {
        TestCommand request = admin.RequestEvent();
        Assert.False(request.IsDone);

        world.AddNamespace();

        Assert.Equal(NvmeStatus.Success, request.Status);
        Assert.Equal(NamespaceChange, request.Completion.Result);
    }

    [Fact]
    public void An_event_that_nobody_waits_for_is_kept_once()
    {
        world.AddNamespace(1);
        world.AddNamespace(2);

        Assert.Equal(NamespaceChange, admin.RequestEvent().Completion.Result);
        Assert.False(admin.RequestEvent().IsDone);
    }

    [Fact]
    public void The_next_event_comes_when_the_log_page_has_been_read()
    {
        TestCommand first = admin.RequestEvent();
        TestCommand second = admin.RequestEvent();
        world.AddNamespace(1);
        world.AddNamespace(2);
        Assert.True(first.IsDone);
        Assert.False(second.IsDone);

        TestCommand log = admin.ReadLog(0x04, 4096, retain: true);
        world.AddNamespace(3);
        Assert.False(second.IsDone);
        Assert.Equal([1, 2], Ids(log));

        Assert.Equal([1, 2, 3], Ids(admin.ReadLog(0x04, 4096)));
        Assert.False(second.IsDone);
        world.AddNamespace(4);
        Assert.Equal(NamespaceChange, second.Completion.Result);
        Assert.Equal([4], Ids(admin.ReadLog(0x04, 4096)));
    }

    [Fact]
    public void As_many_requests_as_the_limit_wait_and_one_more_does_not()
    {
        TestCommand[] waiting = [admin.RequestEvent(), admin.RequestEvent(), admin.RequestEvent(), admin.RequestEvent()];
        TestCommand fifth = admin.RequestEvent();

        Assert.All(waiting, static request => Assert.False(request.IsDone));
        Assert.True(fifth.Status.IsSameCode(NvmeStatus.AsyncEventRequestLimitExceeded));
        Assert.True(fifth.Status.DoNotRetry);

        world.AddNamespace();
        Assert.True(waiting[0].IsDone);
        Assert.False(admin.RequestEvent().IsDone);
    }

    [Fact]
    public void An_event_that_the_host_did_not_ask_for_is_not_reported()
    {
        SimulatedQueue other = world.Enable();
        TestCommand request = other.RequestEvent();

        world.AddNamespace();

        Assert.False(request.IsDone);
    }

    [Fact]
    public void A_namespace_that_grows_is_an_event()
    {
        world.AddNamespace();
        admin.ReadLog(0x04, 4096);
        admin.RequestEvent();
        admin.ReadLog(0x04, 4096);
        TestCommand request = admin.RequestEvent();
        world.Device.BlockCount = 2000;

        Assert.True(world.Disk.NotifyNamespaceChanged(1));
        world.Run();

        Assert.Equal(NamespaceChange, request.Completion.Result);
        Assert.Equal(2000u, world.Disk.Find(1)!.Properties.BlockCount);
        Assert.False(world.Disk.NotifyNamespaceChanged(2));
    }

    [Fact]
    public void Requests_end_with_their_connection()
    {
        TestCommand request = admin.RequestEvent();

        admin.Cut();

        Assert.True(request.IsLost);
        Assert.Empty(world.Disk.Controllers);
    }

    [Fact]
    public void A_discovery_host_hears_of_a_new_subsystem()
    {
        SimulatedQueue discovery = world.Enable(Nqn.Discovery, keepAlive: 30_000);
        TestCommand request = discovery.RequestEvent();
        Assert.False(request.IsDone);

        world.Target.AddSubsystem(new SubsystemOptions { Nqn = Nqn.Parse("nqn.2026-11.com.example:new"), SerialNumber = "2" });
        world.Run();

        Assert.Equal(DiscoveryChange, request.Completion.Result);
    }

    private static uint[] Ids(TestCommand log)
    {
        Assert.Equal(NvmeStatus.Success, log.Status);
        return [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(log.Data.Span).ToArray().TakeWhile(static id => id != 0)];
    }
}
