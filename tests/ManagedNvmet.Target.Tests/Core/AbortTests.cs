using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class AbortTests
{
    private readonly SimulatedWorld _world = new();
    private readonly SimulatedQueue _admin;
    private readonly SimulatedQueue _io;

    public AbortTests()
    {
        _world.AddNamespace();
        _admin = _world.Enable();
        _io = _world.ConnectIo(_admin, 1);
    }

    [Fact]
    public void A_command_that_waits_on_another_thread_is_aborted()
    {
        _io.Buffers.IsEmpty = true;
        TestCommand read = _io.Start(new() { Opcode = 0x02, NamespaceId = 1 }, new byte[512]);
        _world.Run();

        TestCommand abort = _admin.Abort(1, read);

        Assert.Equal(NvmeStatus.Success, abort.Status);
        Assert.Equal(0u, abort.Completion.Result);
        Assert.Equal(NvmeStatus.CommandAborted, read.Status);
    }

    [Fact]
    public void A_command_that_the_device_works_on_is_not_aborted()
    {
        _world.Device.IsHolding = true;
        TestCommand write = _io.StartWrite();
        _world.Run();

        Assert.Equal(1u, _admin.Abort(1, write).Completion.Result);
        _world.Device.Release();
        _world.Run();
        Assert.Equal(NvmeStatus.Success, write.Status);
    }

    [Fact]
    public void Abort_of_what_is_not_there_succeeds_and_says_so()
    {
        TestCommand done = _io.Read();

        Assert.Equal(1u, _admin.Abort(1, done).Completion.Result);
        Assert.Equal(1u, _admin.Abort(2, done).Completion.Result);
        Assert.Equal(1u, _admin.Abort(0, done).Completion.Result);
    }

    [Fact]
    public void An_event_request_is_aborted_and_its_place_is_free_again()
    {
        TestCommand request = _admin.RequestEvent();

        Assert.Equal(0u, _admin.Abort(0, request).Completion.Result);
        Assert.Equal(NvmeStatus.CommandAborted, request.Status);
        for (int count = 0; count < 4; count++)
            Assert.False(_admin.RequestEvent().IsDone);
    }

    [Fact]
    public void Aborts_beyond_the_limit_are_refused()
    {
        _io.Buffers.IsEmpty = true;
        TestCommand read = _io.Start(new() { Opcode = 0x02, NamespaceId = 1 }, new byte[512]);
        _world.Run();
        var aborts = new List<TestCommand>();
        for (int count = 0; count < 5; count++)
            aborts.Add(_admin.Start(new() { Opcode = 0x08, Cdw10 = 1 | ((uint)read.Entry.CommandId << 16) }));
        _world.Run();

        Assert.Equal(4, aborts.Count(static abort => abort.Status.IsSuccess));
        Assert.Single(aborts, static abort => abort.Status.IsSameCode(NvmeStatus.AbortCommandLimitExceeded));
        Assert.Equal(0u, _admin.Abort(1, _io.Start(new() { Opcode = 0x02, NamespaceId = 1 }, new byte[512])).Completion.Result & ~1u);
    }
}
