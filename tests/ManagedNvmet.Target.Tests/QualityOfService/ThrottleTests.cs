using ManagedNvmet.Target.QualityOfService;
using ManagedNvmet.Target.Tests.Core;
using Xunit;

namespace ManagedNvmet.Target.Tests.QualityOfService;

public sealed class ThrottleTests
{
    private static readonly QualityOfServiceLimits HundredReads = new() { ReadIops = 100, BurstSeconds = 0.01 };

    private readonly SimulatedWorld _world = new();

    public ThrottleTests() => _world.AddNamespace(1);

    [Fact]
    public void Commands_over_the_limit_wait_and_come_in_their_order()
    {
        _world.Disk.SetQualityOfService(1, HundredReads);
        SimulatedQueue io = _world.ConnectIo(_world.Enable(), 1);
        TestCommand[] reads = [.. Enumerable.Range(0, 20).Select(_ => io.StartRead())];
        _world.Run();
        Assert.Equal(1, reads.Count(static read => read.IsDone));

        for (int done = 2; done <= 20; done++)
        {
            _world.Advance(10);
            Assert.InRange(reads.Count(static read => read.IsDone), done - 1, done + 1);
            Assert.True(reads.SkipWhile(static read => read.IsDone).All(static read => !read.IsDone));
        }
        _world.Advance(20);
        Assert.All(reads, static read => Assert.Equal(NvmeStatus.Success, read.Status));
    }

    [Theory]
    [InlineData(nameof(QualityOfServiceLimits.ReadIops), false, true)]
    [InlineData(nameof(QualityOfServiceLimits.WriteIops), true, false)]
    [InlineData(nameof(QualityOfServiceLimits.TotalIops), false, false)]
    [InlineData(nameof(QualityOfServiceLimits.ReadBytesPerSecond), false, true)]
    [InlineData(nameof(QualityOfServiceLimits.WriteBytesPerSecond), true, false)]
    [InlineData(nameof(QualityOfServiceLimits.TotalBytesPerSecond), false, false)]
    public void Each_limit_holds_what_it_is_about_and_nothing_else(string limit, bool readsAreFree, bool writesAreFree)
    {
        _world.Disk.SetQualityOfService(1, limit switch
        {
            nameof(QualityOfServiceLimits.ReadIops) => new() { ReadIops = 10 },
            nameof(QualityOfServiceLimits.WriteIops) => new() { WriteIops = 10 },
            nameof(QualityOfServiceLimits.TotalIops) => new() { TotalIops = 10 },
            nameof(QualityOfServiceLimits.ReadBytesPerSecond) => new() { ReadBytesPerSecond = 5120 },
            nameof(QualityOfServiceLimits.WriteBytesPerSecond) => new() { WriteBytesPerSecond = 5120 },
            _ => new() { TotalBytesPerSecond = 5120 },
        });
        SimulatedQueue io = _world.ConnectIo(_world.Enable(), 1);
        TestCommand[] reads = [.. Enumerable.Range(0, 10).Select(_ => io.StartRead())];
        TestCommand[] writes = [.. Enumerable.Range(0, 10).Select(_ => io.StartWrite())];
        TestCommand flush = io.Send(new Protocol.Wire.SubmissionEntry { Opcode = 0x00, NamespaceId = 1 });

        Assert.True(flush.IsDone);
        Assert.Equal(readsAreFree, reads.All(static read => read.IsDone));
        Assert.Equal(writesAreFree, writes.All(static write => write.IsDone));
        _world.Advance(3000);
        Assert.True(reads.All(static read => read.Status.IsSuccess) && writes.All(static write => write.Status.IsSuccess));
    }

    [Fact]
    public void A_command_larger_than_the_burst_goes_and_those_behind_it_pay()
    {
        _world.Disk.SetQualityOfService(1, new QualityOfServiceLimits { ReadBytesPerSecond = 51_200, BurstSeconds = 0.01 });
        SimulatedQueue io = _world.ConnectIo(_world.Enable(), 1);
        TestCommand large = io.StartRead(blocks: 100);
        TestCommand next = io.StartRead();
        _world.Run();
        Assert.True(large.IsDone);

        _world.Advance(980);
        Assert.False(next.IsDone);
        _world.Advance(40);
        Assert.True(next.IsDone);
    }

    [Fact]
    public void A_queue_with_many_commands_gets_no_more_than_one_with_few()
    {
        _world.Disk.SetQualityOfService(1, new QualityOfServiceLimits { ReadIops = 1000, BurstSeconds = 0.02 });
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue deep = _world.ConnectIo(admin, 1);
        SimulatedQueue shallow = _world.ConnectIo(admin, 2, _world.First);
        int deepDone = 0;
        int shallowDone = 0;
        var deepReads = new List<TestCommand>();
        var shallowReads = new List<TestCommand>();
        for (int step = 0; step < 100; step++)
        {
            deepDone += deepReads.RemoveAll(static read => read.IsDone);
            shallowDone += shallowReads.RemoveAll(static read => read.IsDone);
            while (deepReads.Count < 31)
                deepReads.Add(deep.StartRead());
            while (shallowReads.Count < 8)
                shallowReads.Add(shallow.StartRead());
            _world.Run();
            _world.Advance(10);
        }

        Assert.InRange(deepDone + shallowDone, 850, 1050);
        Assert.InRange(shallowDone, deepDone * 0.7, deepDone * 1.4);
    }

    [Fact]
    public void A_limit_of_one_host_does_not_hold_another_and_one_of_the_namespace_holds_both()
    {
        Nqn slow = SimulatedWorld.NqnOf("slow");
        _world.Disk.SetQualityOfService(1, slow, new QualityOfServiceLimits { ReadIops = 10 });
        SimulatedQueue slowIo = _world.ConnectIo(_world.EnableAs(SimulatedWorld.Host("slow")), 1);
        SimulatedQueue fastIo = _world.ConnectIo(_world.EnableAs(SimulatedWorld.Host("fast", 1)), 1);

        slowIo.StartRead();
        TestCommand second = slowIo.StartRead();
        fastIo.StartRead();
        TestCommand fast = fastIo.StartRead();
        _world.Run();
        Assert.False(second.IsDone);
        Assert.True(fast.IsDone);

        _world.Disk.SetQualityOfService(1, new QualityOfServiceLimits { ReadIops = 10 });
        fastIo.StartRead();
        TestCommand held = fastIo.StartRead();
        _world.Run();
        Assert.False(held.IsDone);
    }

    [Fact]
    public void A_limit_of_a_host_counts_over_all_its_namespaces()
    {
        _world.AddNamespace(2);
        Nqn slow = SimulatedWorld.NqnOf("slow");
        _world.Target.SetQualityOfService(slow, new QualityOfServiceLimits { TotalIops = 10 });
        SimulatedQueue io = _world.ConnectIo(_world.EnableAs(SimulatedWorld.Host("slow")), 1);

        io.StartRead(1);
        TestCommand second = io.StartRead(2);
        _world.Run();
        Assert.False(second.IsDone);

        _world.Target.SetQualityOfService(slow, null);
        _world.Advance(110);
        Assert.True(second.IsDone);
    }

    [Fact]
    public void A_limit_that_is_lifted_or_raised_lets_go_what_waits()
    {
        _world.Disk.SetQualityOfService(1, new QualityOfServiceLimits { ReadIops = 0.01 });
        SimulatedQueue io = _world.ConnectIo(_world.Enable(), 1);
        io.StartRead();
        TestCommand second = io.StartRead();
        TestCommand third = io.StartRead();
        _world.Advance(1000);
        Assert.False(second.IsDone);

        _world.Disk.SetQualityOfService(1, new QualityOfServiceLimits { ReadIops = 0.02 });
        _world.Advance(1000);
        Assert.False(second.IsDone);
        _world.Disk.SetQualityOfService(1, null);
        _world.Advance(110);
        Assert.True(second.IsDone && third.IsDone);
        Assert.Equal(NvmeStatus.Success, io.Read().Status);
    }

    [Fact]
    public void A_command_that_waits_can_be_aborted()
    {
        (SimulatedQueue admin, _, TestCommand waiting) = Waiting();

        TestCommand abort = admin.Abort(1, waiting);

        Assert.Equal(0u, abort.Completion.Result);
        Assert.True(waiting.Status.IsSameCode(NvmeStatus.CommandAborted));
    }

    [Fact]
    public void A_write_whose_data_came_with_it_waits_and_can_be_aborted_too()
    {
        _world.Disk.SetQualityOfService(1, new QualityOfServiceLimits { WriteIops = 0.01 });
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        io.StartWrite();
        TestCommand waiting = io.StartWrite();
        _world.Run();
        Assert.False(waiting.IsDone);

        admin.Abort(1, waiting);
        Assert.True(waiting.Status.IsSameCode(NvmeStatus.CommandAborted));
        Assert.Equal(1, _world.Device.WriteCount);
        Assert.Equal(0, io.Buffers.Rented);
    }

    [Fact]
    public void What_waits_ends_with_its_namespace()
    {
        (_, _, TestCommand waiting) = Waiting();

        Task removal = _world.Disk.RemoveNamespace(1)!;
        _world.Run();

        Assert.True(removal.IsCompletedSuccessfully);
        Assert.True(waiting.Status.IsSameCode(NvmeStatus.InvalidNamespace));
    }

    [Fact]
    public void What_waits_ends_with_its_connection_and_leaves_nothing_behind()
    {
        (SimulatedQueue admin, SimulatedQueue io, _) = Waiting();
        io.StartWrite();
        _world.Run();

        admin.Cut();

        Assert.Empty(_world.Disk.Controllers);
        Assert.Equal(0, io.Buffers.Rented);
        _world.Advance(1000);
    }

    [Fact]
    public void A_command_that_waits_for_its_turn_holds_no_buffer()
    {
        (_, SimulatedQueue io, _) = Waiting();

        Assert.Equal(0, io.Buffers.Rented);
    }

    [Theory]
    [InlineData(0, 0.1, false)]
    [InlineData(-1, 0.1, false)]
    [InlineData(1e15, 0.1, false)]
    [InlineData(double.NaN, 0.1, false)]
    [InlineData(1, 0.0009, false)]
    [InlineData(1, 3601, false)]
    [InlineData(1, 0.001, true)]
    [InlineData(0.5, 3600, true)]
    public void Limits_are_checked(double iops, double burst, bool isSound)
    {
        var limits = new QualityOfServiceLimits { TotalIops = iops, BurstSeconds = burst };

        if (isSound)
            _world.Disk.SetQualityOfService(1, limits);
        else
            Assert.Throws<ArgumentException>(() => _world.Disk.SetQualityOfService(1, limits));
    }

    private (SimulatedQueue Admin, SimulatedQueue Io, TestCommand Waiting) Waiting()
    {
        _world.Disk.SetQualityOfService(1, new QualityOfServiceLimits { TotalIops = 0.01 });
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        io.StartRead();
        TestCommand waiting = io.StartRead();
        _world.Run();
        Assert.False(waiting.IsDone);
        return (admin, io, waiting);
    }
}
