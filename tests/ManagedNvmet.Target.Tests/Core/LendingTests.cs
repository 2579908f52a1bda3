using ManagedNvmet.Target.Namespaces;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

/// <summary>A device gets its lent memory back before the target reports it as unused, whatever the host does.</summary>
public sealed class LendingTests
{
    private readonly SimulatedWorld _world = new();
    private readonly LendingDevice _device = new();

    [Fact]
    public void Lent_data_reaches_the_host()
    {
        SimulatedQueue io = Connect();
        var data = new byte[512];
        TestCommand read = io.Send(new() { Opcode = 0x02, NamespaceId = 1 }, data);
        Assert.Equal(NvmeStatus.Success, read.Status);
        Assert.Equal(_device.Contents, data);
        Assert.Equal(0, io.Buffers.Rented);
    }

    [Fact]
    public void A_removal_gets_the_memory_back_from_a_host_that_does_not_read()
    {
        SimulatedQueue io = Connect();
        io.HoldsAnswers = true;
        var data = new byte[512];
        TestCommand read = io.Send(new() { Opcode = 0x02, NamespaceId = 1 }, data);
        byte[] before = [.. _device.Contents];

        Task removal = _world.Disk.RemoveNamespace(1)!;
        _world.Run();
        Assert.True(removal.IsCompletedSuccessfully);
        _device.Contents.AsSpan().Clear();
        io.HoldsAnswers = false;
        _world.Run();
        Assert.Equal(NvmeStatus.Success, read.Status);
        Assert.Equal(before, data);
    }

    [Fact]
    public void Without_room_for_a_copy_a_removal_waits_until_the_host_has_read()
    {
        SimulatedQueue io = Connect();
        io.HoldsAnswers = true;
        io.Buffers.IsEmpty = true;
        TestCommand read = io.Send(new() { Opcode = 0x02, NamespaceId = 1 }, new byte[512]);

        Task removal = _world.Disk.RemoveNamespace(1)!;
        _world.Run();
        Assert.False(removal.IsCompleted);
        io.HoldsAnswers = false;
        _world.Run();
        Assert.Equal(NvmeStatus.Success, read.Status);
        Assert.True(removal.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_connection_that_ends_lets_a_removal_go_on()
    {
        SimulatedQueue io = Connect();
        io.HoldsAnswers = true;
        io.Buffers.IsEmpty = true;
        io.Send(new() { Opcode = 0x02, NamespaceId = 1 }, new byte[512]);
        Task removal = _world.Disk.RemoveNamespace(1)!;
        io.Cut();
        Assert.True(removal.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_host_that_does_not_read()
    {
        SimulatedQueue io = Connect();
        io.HoldsAnswers = true;
        io.Send(new() { Opcode = 0x02, NamespaceId = 1 }, new byte[512]);
        Task stop = _world.Target.StopAsync(CancellationToken.None);
        _world.Run();

        // The connection has one second to send its remaining output.
        _world.Advance(2000);
        await stop.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.False(io.IsOpen);
    }

    [Fact]
    public void A_read_that_is_completed_without_the_promised_data_fails()
    {
        SimulatedQueue io = Connect();
        _device.ForgetsToLend = true;
        TestCommand read = io.Send(new() { Opcode = 0x02, NamespaceId = 1 }, new byte[512]);
        Assert.True(read.Status.IsSameCode(NvmeStatus.InternalError));
        Assert.True(io.IsOpen);
    }

    private SimulatedQueue Connect()
    {
        _world.Disk.AddNamespace(new Namespace(1, _device, NamespaceIdentity.CreateRandom()));
        return _world.ConnectIo(_world.Enable(), 1);
    }

    private sealed class LendingDevice : BlockDevice
    {
        public byte[] Contents { get; } = Pattern.Make(512, 5);

        public bool ForgetsToLend { get; set; }

        public override BlockDeviceProperties Properties { get; } = new()
        {
            BlockSize = 512,
            BlockCount = 1,
            Capabilities = BlockDeviceCapabilities.LendsReadData,
        };

        public override void Submit(BlockRequest request)
        {
            if (ForgetsToLend)
                request.Complete(NvmeStatus.Success);
            else
                request.CompleteWithLentData(Contents);
        }
    }
}
