using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Health;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Sessions;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class SessionTests
{
    private readonly Clock _clock = new();
    private readonly SimulatedWorld _world;

    public SessionTests()
    {
        _world = new SimulatedWorld(new TargetOptions { Time = _clock });
        _world.AddNamespace(1);
    }

    [Fact]
    public void A_session_tells_who_is_connected_and_with_what()
    {
        _world.Target.SetPorts([new Port(7, System.Net.IPAddress.Any, 4420)]);
        SimulatedQueue admin = _world.Open();
        admin.Connect(SimulatedWorld.Host("a") with { KeepAlive = 5000 });
        ushort id = (ushort)_world.Disk.Controllers.Single().Id;
        admin.ControllerId = id;
        admin.SetProperty(0x14, 0x00460001);
        _clock.Milliseconds += 500;
        SimulatedQueue io = _world.ConnectIo(admin, 3);
        _world.Device.IsHolding = true;
        io.StartRead();
        io.StartRead();
        _world.Run();

        Session session = Assert.Single(_world.Target.GetSessions());
        Assert.Equal((SimulatedWorld.DiskNqn, id, false), (session.SubsystemNqn, session.ControllerId, session.IsDiscovery));
        Assert.Equal(SimulatedWorld.NqnOf("a"), session.HostNqn);
        Assert.Equal(new Guid("5a5a5a5a-5a5a-5a5a-5a5a-5a5a5a5a5a5a"), session.HostId);
        Assert.Equal((ushort)7, session.PortId);
        Assert.Equal((ControllerState.Ready, 5000u), (session.State, session.KeepAliveMilliseconds));
        Assert.Equal([0, 3], session.Queues.Select(static queue => queue.Id));
        Assert.Equal([32, 32], session.Queues.Select(static queue => queue.Entries));
        Assert.Equal(2, session.Queues[1].Outstanding);
        Assert.Equal(TimeSpan.FromMilliseconds(500), session.Queues[1].ConnectedSince - session.ConnectedSince);
        Assert.Equal("10.0.0.99:50000", session.Queues[1].RemoteEndPoint!.ToString());

        _world.Device.Release();
        _world.Run();
        session = Assert.Single(_world.Target.GetSessions());
        Assert.Equal((0, 2ul, 1024ul), (session.Queues[1].Outstanding, session.Totals.ReadCommands, session.Totals.ReadBytes));
    }

    [Fact]
    public void A_session_that_is_ended_is_gone_and_others_stay()
    {
        SimulatedQueue first = _world.EnableAs(SimulatedWorld.Host("a"));
        SimulatedQueue second = _world.EnableAs(SimulatedWorld.Host("b", 1));
        SimulatedQueue discovery = _world.Enable(Nqn.Discovery);
        Assert.Equal(3, _world.Target.GetSessions().Count);

        Assert.True(_world.Target.EndSession(SimulatedWorld.DiskNqn, first.ControllerId));
        Assert.False(_world.Target.EndSession(SimulatedWorld.NqnOf("none"), first.ControllerId));
        _world.Run();
        Assert.False(_world.Target.EndSession(SimulatedWorld.DiskNqn, first.ControllerId));

        Assert.False(first.IsOpen);
        Assert.True(second.IsOpen);
        Assert.True(discovery.IsOpen);
        Assert.Equal(2, _world.Target.GetSessions().Count);
        Assert.True(_world.Target.EndSession(Nqn.Discovery, discovery.ControllerId));
        _world.Run();
        Assert.False(discovery.IsOpen);
    }

    [Fact]
    public void What_a_host_does_is_counted_by_namespace_and_operation_with_its_latency()
    {
        SimulatedQueue io = _world.ConnectIo(_world.EnableAs(SimulatedWorld.Host("a")), 1);
        SimulatedQueue other = _world.ConnectIo(_world.EnableAs(SimulatedWorld.Host("b", 1)), 1);
        _world.Device.IsHolding = true;
        io.StartRead(1, 2);
        io.StartRead();
        io.StartWrite();
        _world.Run();
        _world.Advance(3);
        _world.Device.Release();
        _world.Run();
        other.Read();

        OperationTotals reads = Of("a", BlockOperation.Read);
        Assert.Equal((2L, 0L, 1536L, 6000L), (reads.Commands, reads.Errors, reads.Bytes, reads.LatencyMicroseconds));
        Assert.Equal(2, reads.Latency[LatencyBuckets.IndexOf(3000)]);
        Assert.Equal(4096, reads.Quantile(0.99));
        Assert.Equal((1L, 512L), (Of("a", BlockOperation.Write).Commands, Of("a", BlockOperation.Write).Bytes));
        Assert.Equal(1, Of("b", BlockOperation.Read).Latency[0]);
    }

    [Fact]
    public void What_queues_did_that_are_gone_still_counts()
    {
        for (int round = 0; round < 3; round++)
        {
            SimulatedQueue admin = _world.EnableAs(SimulatedWorld.Host("a"));
            _world.ConnectIo(admin, 1).Read();
            SimulatedQueue second = _world.ConnectIo(admin, 2);
            second.Read();
            second.Cut();
            if (round < 2)
                admin.Cut();
        }

        Assert.Equal(6, Of("a", BlockOperation.Read).Commands);
    }

    [Fact]
    public void Hosts_beyond_the_bound_are_counted_together()
    {
        var statistics = new TargetStatistics(16, measuresLatency: false);
        for (int host = 0; host < TargetStatistics.MaxKeptHosts + 10; host++)
        {
            QueueStatistics queue = statistics.Attach(SimulatedWorld.NqnOf($"h{host}"), SimulatedWorld.DiskNqn);
            queue.Record(1, BlockOperation.Read, NvmeStatus.Success, 512, 0, 0);
            statistics.Detach(queue);
        }

        IReadOnlyList<HostStatistics> read = statistics.Read();
        Assert.Equal(TargetStatistics.MaxKeptHosts + 1, read.Count);
        Assert.Equal(10, Assert.Single(read, static each => each.HostNqn is null).Totals.Commands);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    [InlineData(4, 3)]
    [InlineData(1000, 10)]
    [InlineData(33_554_431, 25)]
    [InlineData(33_554_432, 26)]
    [InlineData(long.MaxValue, 26)]
    public void A_latency_is_below_the_bound_of_its_class_and_not_below_that_of_the_one_before(long microseconds, int index)
    {
        Assert.Equal(index, LatencyBuckets.IndexOf(microseconds));
        Assert.True(microseconds < LatencyBuckets.UpperBoundMicroseconds(index));
        if (index > 0)
            Assert.True(microseconds >= LatencyBuckets.UpperBoundMicroseconds(index - 1));
    }

    private OperationTotals Of(string host, BlockOperation operation) => Assert.Single(
        _world.Target.Statistics.Read(),
        each => SimulatedWorld.NqnOf(host).Equals(each.HostNqn) && each.NamespaceId == 1 && each.Operation == operation).Totals;

    private sealed class Clock : TimeProvider
    {
        public long Milliseconds { get; set; } = 1000;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Milliseconds;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddMilliseconds(Milliseconds);
    }
}
