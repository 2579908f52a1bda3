using System.Net;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Refusals;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class RefusalTests
{
    private readonly SimulatedWorld _world = new();

    [Fact]
    public void A_refused_Connect_says_who_what_why_and_what_would_change_it()
    {
        _world.Disk.SetAccess(SubsystemAccess.NoHost);
        _world.Open().Connect(SimulatedWorld.Host("stranger"));

        Refusal refusal = Assert.Single(_world.Target.Refusals.Read());
        Assert.Equal((1L, RefusalKind.Connect, RefusalReason.HostNotAllowed), (refusal.Number, refusal.Kind, refusal.Reason));
        Assert.Equal("10.0.0.99:50000", refusal.RemoteEndPoint!.ToString());
        Assert.Equal("10.0.0.1:4420", refusal.LocalEndPoint!.ToString());
        Assert.Equal("nqn.2026-11.com.example:stranger", refusal.HostNqn);
        Assert.Equal(new Guid("5a5a5a5a-5a5a-5a5a-5a5a-5a5a5a5a5a5a"), refusal.HostId);
        Assert.Equal(SimulatedWorld.DiskNqn.Text, refusal.SubsystemNqn);
        Assert.Equal(0, refusal.QueueId);
        Assert.Equal(NvmeStatus.ConnectInvalidHost, refusal.Status);
        Assert.Contains("allowed_hosts", refusal.Remedy, StringComparison.Ordinal);
        Assert.Equal(1, _world.Target.Refusals.Count(RefusalReason.HostNotAllowed));
    }

    [Fact]
    public void A_Connect_that_succeeds_is_no_refusal()
    {
        _world.Enable();

        Assert.Equal(0, _world.Target.Refusals.TotalCount);
        Assert.Empty(_world.Target.Refusals.Read());
    }

    [Fact]
    public void Names_of_a_peer_are_bounded_and_printable()
    {
        _world.Open().Connect(new ConnectData
        {
            Damage = static bytes =>
            {
                bytes.AsSpan(256, 256).Fill((byte)'\n');
                bytes.AsSpan(512, 256).Fill(0xFF);
            },
        });

        Refusal refusal = Assert.Single(_world.Target.Refusals.Read());
        Assert.Equal(RefusalReason.InvalidParameter, refusal.Reason);
        foreach (string text in new[] { refusal.HostNqn!, refusal.SubsystemNqn! })
        {
            Assert.InRange(text.Length, 1, 240);
            Assert.DoesNotContain(text, static c => c is < ' ' or > '~');
        }
    }

    [Fact]
    public void A_peer_that_breaks_the_protocol_is_kept_too()
    {
        SimulatedQueue queue = _world.Open();
        queue.Break();

        Refusal refusal = Assert.Single(_world.Target.Refusals.Read());
        Assert.Equal((RefusalKind.Pdu, RefusalReason.ProtocolError), (refusal.Kind, refusal.Reason));
        Assert.Null(refusal.HostNqn);
        Assert.Equal("10.0.0.99:50000", refusal.RemoteEndPoint!.ToString());
    }

    [Theory]
    [InlineData(false, RefusalReason.HandshakeTimeout)]
    [InlineData(true, RefusalReason.UnknownSubsystem)]
    public void A_peer_that_says_nothing_is_kept_and_one_that_was_refused_before_is_not_kept_twice(bool tries, RefusalReason expected)
    {
        SimulatedQueue queue = _world.Open();
        if (tries)
            queue.Connect(new ConnectData { SubsystemNqn = SimulatedWorld.NqnOf("none") });
        _world.Advance(_world.Target.Limits.Connection.HandshakeMilliseconds + 10);

        Assert.False(queue.IsOpen);
        Assert.Equal(expected, Assert.Single(_world.Target.Refusals.Read()).Reason);
    }

    [Fact]
    public void The_last_thousand_are_kept_the_newest_first_and_all_are_counted()
    {
        RefusalLog log = _world.Target.Refusals;
        for (int number = 1; number <= RefusalLog.Capacity + 5; number++)
            log.Add(new Refusal { Kind = RefusalKind.Pdu, Reason = RefusalReason.ProtocolError, Detail = "", Remedy = "" });

        IReadOnlyList<Refusal> kept = log.Read();
        Assert.Equal(RefusalLog.Capacity, kept.Count);
        Assert.Equal(1005, kept[0].Number);
        Assert.Equal(6, kept[^1].Number);
        Assert.Equal(1005, log.Count(RefusalReason.ProtocolError));
        Assert.Equal([1005L, 1004L], log.Read(after: 1003).Select(static each => each.Number));
        Assert.Empty(log.Read(after: 1005));
    }

    [Fact]
    public void Connections_are_refused_one_past_each_limit_and_taken_again_when_one_has_gone()
    {
        var limited = new NvmeTarget(new TargetOptions
        {
            Limits = new TargetLimits { MaxConnections = 3, MaxConnectionsPerAddress = 2 },
        });
        limited.SetPorts([new Port(1, IPAddress.Any, 4420), new Port(2, IPAddress.Any, 4421) { MaxConnections = 1 }]);
        IPEndPoint here = IPEndPoint.Parse("10.0.0.1:4420");

        using IDisposable first = limited.Connections.TryEnter(here, IPEndPoint.Parse("10.0.0.9:1"))!;
        IDisposable second = limited.Connections.TryEnter(here, IPEndPoint.Parse("[::ffff:10.0.0.9]:2"))!;
        Assert.Null(limited.Connections.TryEnter(here, IPEndPoint.Parse("10.0.0.9:3")));
        IDisposable third = limited.Connections.TryEnter(IPEndPoint.Parse("10.0.0.1:4421"), IPEndPoint.Parse("10.0.0.8:1"))!;
        Assert.Null(limited.Connections.TryEnter(here, IPEndPoint.Parse("10.0.0.7:1")));
        second.Dispose();
        second.Dispose();
        Assert.Equal(2, limited.Connections.Count);
        Assert.Null(limited.Connections.TryEnter(IPEndPoint.Parse("10.0.0.1:4421"), IPEndPoint.Parse("10.0.0.7:1")));
        third.Dispose();
        Assert.Equal(0, limited.Connections.CountOf(2));
        Assert.NotNull(limited.Connections.TryEnter(IPEndPoint.Parse("10.0.0.1:4421"), IPEndPoint.Parse("10.0.0.9:4")));

        Assert.Equal(
            [RefusalReason.TooManyConnectionsOfPort, RefusalReason.TooManyConnections, RefusalReason.TooManyConnectionsOfAddress],
            limited.Refusals.Read().Select(static each => each.Reason));
        Assert.All(limited.Refusals.Read(), static each => Assert.Equal(RefusalKind.Connection, each.Kind));
    }
}
