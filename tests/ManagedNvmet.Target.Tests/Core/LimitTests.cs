using System.Net;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Refusals;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class LimitTests
{
    private readonly SimulatedWorld _world = new();

    [Fact]
    public void A_host_has_no_more_controllers_than_it_may_and_other_hosts_have_theirs()
    {
        _world.Target.SetHostLimits(SimulatedWorld.NqnOf("greedy"), new HostLimits { MaxControllers = 1 });
        SimulatedQueue first = _world.EnableAs(SimulatedWorld.Host("greedy"));

        Assert.Equal(RefusalReason.TooManyControllersOfHost, TryAdmin(SimulatedWorld.Host("greedy")));
        Assert.Equal(RefusalReason.None, TryAdmin(SimulatedWorld.Host("modest", 1)));
        first.Cut();
        Assert.Equal(RefusalReason.None, TryAdmin(SimulatedWorld.Host("greedy")));
        _world.Target.SetHostLimits(SimulatedWorld.NqnOf("greedy"), null);
    }

    [Theory]
    [InlineData(2, 1000, RefusalReason.TooManyQueues)]
    [InlineData(9, 64, RefusalReason.TooManyEntriesOfHost)]
    public void A_host_has_no_more_queues_and_entries_than_it_may(int queues, int entries, RefusalReason expected)
    {
        _world.Target.SetHostLimits(SimulatedWorld.NqnOf("greedy"), new HostLimits { MaxQueues = queues, MaxQueueEntries = entries });
        SimulatedQueue admin = _world.EnableAs(SimulatedWorld.Host("greedy"));
        SimulatedQueue first = _world.ConnectIo(admin, 1);
        _world.ConnectIo(admin, 2);

        Assert.Equal(expected, TryIo(admin, 3));
        first.Cut();
        _world.ConnectIo(admin, 3);
    }

    [Fact]
    public void A_subsystem_gives_out_no_more_controllers_and_queues_than_it_may()
    {
        _world.Disk.Limits = new SubsystemLimits { MaxControllers = 2, MaxTotalIoQueues = 1, MaxIoQueues = 1 };
        SimulatedQueue a = _world.EnableAs(SimulatedWorld.Host("a"));
        SimulatedQueue b = _world.EnableAs(SimulatedWorld.Host("b", 1));

        Assert.Equal(RefusalReason.TooManyControllers, TryAdmin(SimulatedWorld.Host("c", 2)));
        SimulatedQueue io = _world.ConnectIo(a, 1);
        Assert.Equal(RefusalReason.TooManyQueues, TryIo(b, 1));
        io.Cut();
        _world.ConnectIo(b, 1);
    }

    [Fact]
    public void The_number_of_queues_that_is_granted_follows_the_limit_of_the_subsystem()
    {
        SimulatedQueue free = _world.Enable();
        _world.Disk.Limits = new SubsystemLimits { MaxIoQueues = 2 };
        SimulatedQueue limited = _world.EnableAs(SimulatedWorld.Host("late", 1));

        Assert.Equal(0x0007_0007u, free.SetFeature(0x07, 0x0007_0007).Completion.Result);
        Assert.Equal(0x0001_0001u, limited.SetFeature(0x07, 0x0007_0007).Completion.Result);
        _world.ConnectIo(limited, 2);
        Assert.Equal(RefusalReason.TooManyQueues, TryIo(limited, 3));
    }

    [Fact]
    public void A_port_takes_no_more_controllers_than_it_may()
    {
        _world.Target.SetPorts(
            [new Port(1, IPAddress.Parse("10.0.0.1"), 4420) { MaxControllers = 1 }, new Port(2, IPAddress.Parse("10.0.0.2"), 4420)]);
        SimulatedQueue first = _world.EnableAs(SimulatedWorld.Host("a"));

        Assert.Equal(RefusalReason.TooManyControllersOfPort, TryAdmin(SimulatedWorld.Host("b", 1)));
        _world.EnableAs(SimulatedWorld.Host("b", 1), local: "10.0.0.2:4420");
        first.Cut();
        Assert.Equal(RefusalReason.None, TryAdmin(SimulatedWorld.Host("c", 2)));
    }

    [Fact]
    public void What_a_host_held_is_given_back_when_it_goes()
    {
        _world.Target.SetHostLimits(SimulatedWorld.NqnOf("a"), new HostLimits { MaxControllers = 1, MaxQueues = 1, MaxQueueEntries = 32 });
        for (int round = 0; round < 3; round++)
        {
            SimulatedQueue admin = _world.EnableAs(SimulatedWorld.Host("a"));
            _world.ConnectIo(admin, 1);
            admin.Cut();
        }

        Assert.Equal(0, _world.Target.Refusals.TotalCount);
    }

    private RefusalReason TryAdmin(ConnectData host)
    {
        SimulatedQueue queue = _world.Open();
        RefusalReason reason = Reason(queue, host);
        queue.Cut();
        return reason;
    }

    private RefusalReason TryIo(SimulatedQueue admin, int queueId) =>
        Reason(_world.Open(_world.Second), admin.ConnectedAs! with { QueueId = queueId, ControllerId = admin.ControllerId });

    private RefusalReason Reason(SimulatedQueue queue, ConnectData connect)
    {
        long before = _world.Target.Refusals.TotalCount;
        return queue.Connect(connect).Status.IsSuccess ? RefusalReason.None : _world.Target.Refusals.Read(before).Single().Reason;
    }
}
