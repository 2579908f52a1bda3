using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class RemovalTests
{
    private readonly SimulatedWorld _world = new();

    [Fact]
    public void A_removed_namespace_is_gone_at_once_and_free_when_its_commands_are_done()
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        _world.Device.IsHolding = true;
        TestCommand write = io.StartWrite();
        _world.Run();

        Task removal = _world.Disk.RemoveNamespace(1)!;
        _world.Run();
        Assert.False(removal.IsCompleted);
        Assert.True(io.Read().Status.IsSameCode(NvmeStatus.InvalidNamespace));

        _world.Device.Release();
        _world.Run();
        Assert.True(removal.IsCompletedSuccessfully);
        Assert.Equal(NvmeStatus.Success, write.Status);
        Assert.Null(_world.Disk.RemoveNamespace(1));
    }

    [Fact]
    public void A_command_that_waits_for_a_buffer_does_not_reach_a_removed_device()
    {
        _world.AddNamespace();
        SimulatedQueue io = _world.ConnectIo(_world.Enable(), 1);
        io.Buffers.IsEmpty = true;
        TestCommand read = io.Start(new() { Opcode = 0x02, NamespaceId = 1 }, new byte[512]);
        _world.Run();

        Task removal = _world.Disk.RemoveNamespace(1)!;
        _world.Run();

        Assert.True(removal.IsCompletedSuccessfully);
        Assert.True(read.Status.IsSameCode(NvmeStatus.InvalidNamespace));
    }

    [Fact]
    public void A_command_that_was_never_executed_has_its_entry_in_the_error_log()
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        io.Buffers.IsEmpty = true;
        TestCommand read = io.Start(new() { Opcode = 0x02, NamespaceId = 1 }, new byte[512]);
        _world.Run();
        _ = _world.Disk.RemoveNamespace(1);
        _world.Run();

        Memory<byte> entry = admin.ReadLog(0x01, 64).Data;
        Assert.Equal(1, entry.Span[8]);
        Assert.Equal((ushort)read.Completion.Status, BitConverter.ToUInt16(entry.Span[12..]));
        Assert.False(read.Status.IsSuccess);
    }

    [Fact]
    public void A_removal_waits_for_the_flush_of_a_shutdown()
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable();
        _world.Device.IsHolding = true;
        admin.SetProperty(0x14, 0x00464001);

        Task removal = _world.Disk.RemoveNamespace(1)!;
        _world.Run();
        Assert.False(removal.IsCompleted);
        _world.Device.Release();
        _world.Run();

        Assert.True(removal.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_namespace_number_is_used_once_and_not_above_the_limit()
    {
        _world.AddNamespace();

        Assert.Throws<ArgumentException>(() => _world.AddNamespace());
        Assert.Throws<ArgumentException>(() => _world.AddNamespace(8193));
        _world.AddNamespace(8192);
        Assert.Equal([1u, 8192u], _world.Disk.Namespaces.ToArray().Select(static each => each.Id));
        Assert.Null(_world.Disk.Find(0));
        Assert.Null(_world.Disk.Find(uint.MaxValue));
    }

    [Fact]
    public void A_removed_subsystem_ends_its_associations_and_is_unknown()
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue io = _world.ConnectIo(admin, 1);

        Task removal = _world.Target.RemoveSubsystem(SimulatedWorld.DiskNqn)!;
        _world.Run();

        Assert.True(removal.IsCompletedSuccessfully);
        Assert.False(admin.IsOpen);
        Assert.False(io.IsOpen);
        Assert.Empty(_world.Disk.Controllers);
        Assert.Equal(NvmeStatus.ConnectInvalidParameters, _world.Open().Connect(new ConnectData()).Status);
    }

    [Fact]
    public async Task A_stop_lets_what_has_begun_end_and_answers_nothing_new()
    {
        _world.AddNamespace();
        SimulatedQueue admin = _world.Enable();
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        SimulatedQueue fresh = _world.Open();
        admin.RequestEvent();
        _world.Device.IsHolding = true;
        TestCommand write = io.StartWrite();
        _world.Run();

        Task stop = _world.Target.StopAsync(CancellationToken.None);
        _world.Run();
        Assert.False(fresh.IsOpen);
        Assert.True(io.IsOpen);
        Assert.True(admin.IsOpen);
        TestCommand late = io.Read();
        Assert.False(late.IsDone);
        TestCommand newcomer = _world.Open().Connect(new ConnectData());
        Assert.Equal(NvmeStatus.ControllerBusy, newcomer.Status);

        _world.Device.Release();
        _world.Run();
        Assert.Equal(NvmeStatus.Success, write.Status);
        Assert.True(late.IsLost);
        Assert.False(io.IsOpen);
        Assert.False(admin.IsOpen);
        await stop;
        Assert.Empty(_world.Disk.Controllers);
        Assert.Equal(0, io.Buffers.Rented);
    }

    [Fact]
    public async Task A_stop_that_is_cut_short_closes_everything()
    {
        _world.AddNamespace();
        SimulatedQueue io = _world.ConnectIo(_world.Enable(), 1);
        _world.Device.IsHolding = true;
        io.StartWrite();
        _world.Run();
        using var impatience = new CancellationTokenSource();
        Task stop = _world.Target.StopAsync(impatience.Token);
        _world.Run();

        await impatience.CancelAsync();
        await stop;
        _world.Run();

        Assert.False(io.IsOpen);
    }
}
