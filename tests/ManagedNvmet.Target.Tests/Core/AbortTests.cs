using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class AbortTests
{
    private readonly SimulatedWorld world = new();
    private readonly SimulatedQueue admin;
    private readonly SimulatedQueue io;

    public AbortTests()
    {
        world.AddNamespace();
        admin = world.Enable();
        io = world.ConnectIo(admin, 1);
    }

    [Fact]
    public void A_command_that_waits_on_another_thread_is_aborted()
    {
        io.Buffers.IsEmpty = true;
        TestCommand read = io.Start(new() { Opcode = 0x02, NamespaceId = 1 }, new byte[512]);
        world.Run();

        TestCommand abort = admin.Abort(1, read);

        Assert.Equal(NvmeStatus.Success, abort.Status);
        Assert.Equal(0u, abort.Completion.Result);
        Assert.Equal(NvmeStatus.CommandAborted, read.Status);
    }

    [Fact]
    public void A_command_that_the_device_works_on_is_not_aborted()
    {
        world.Device.IsHolding = true;
        TestCommand write = io.StartWrite();
        world.Run();

        Assert.Equal(1u, admin.Abort(1, write).Completion.Result);
        world.Device.Release();
        world.Run();
        Assert.Equal(NvmeStatus.Success, write.Status);
    }

    [Fact]
    public void Abort_of_what_is_not_there_succeeds_and_says_so()
    {
        TestCommand done = io.Read();

        Assert.Equal(1u, admin.Abort(1, done).Completion.Result);
        Assert.Equal(1u, admin.Abort(2, done).Completion.Result);
        Assert.Equal(1u, admin.Abort(0, done).Completion.Result);
    }

    [Fact]
    public void An_event_request_is_aborted_and_its_place_is_free_again()
    {
        TestCommand request = admin.RequestEvent();

        Assert.Equal(0u, admin.Abort(0, request).Completion.Result);
        Assert.Equal(NvmeStatus.CommandAborted, request.Status);
        for (int count = 0; count < 4; count++)
            Assert.False(admin.RequestEvent().IsDone);
    }

    [Fact]
    public void Aborts_beyond_the_limit_are_refused()
    {
        io.Buffers.IsEmpty = true;
        TestCommand read = io.Start(new() { Opcode = 0x02, NamespaceId = 1 }, new byte[512]);
        world.Run();
        var aborts = new List<TestCommand>();
        for (int count = 0; count < 5; count++)
            aborts.Add(admin.Start(new() { Opcode = 0x08, Cdw10 = 1 | ((uint)read.Entry.CommandId << 16) }));
        world.Run();

        Assert.Equal(4, aborts.Count(static abort => abort.Status.IsSuccess));
        Assert.Single(aborts, static abort => abort.Status.IsSameCode(NvmeStatus.AbortCommandLimitExceeded));
        Assert.Equal(0u, admin.Abort(1, io.Start(new() { Opcode = 0x02, NamespaceId = 1 }, new byte[512])).Completion.Result & ~1u);
    }
}
