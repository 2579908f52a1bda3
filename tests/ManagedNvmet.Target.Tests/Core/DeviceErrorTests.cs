using ManagedNvmet.Target.Tests.Pages;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class DeviceErrorTests
{
    private readonly ManualTime _time = new();
    private readonly SimulatedWorld _world;
    private readonly SimulatedQueue _io;

    public DeviceErrorTests()
    {
        _world = new SimulatedWorld(new TargetOptions { Time = _time });
        _world.AddNamespace();
        _io = _world.ConnectIo(_world.Enable(), 1);
    }

    [Fact]
    public void A_full_store_is_logged_at_once_and_then_as_a_number_every_ten_seconds()
    {
        _world.Device.Outcome = NvmeStatus.CapacityExceeded;
        for (int count = 0; count < 200; count++)
            Assert.True(Write().IsSameCode(NvmeStatus.CapacityExceeded));
        string first = Assert.Single(_world.Log.Warnings);
        Assert.Contains("Write failed in namespace 1", first, StringComparison.Ordinal);
        Assert.Contains("the store is full (1 such", first, StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromSeconds(10));
        Write();

        Assert.Equal(2, _world.Log.Warnings.Count());
        Assert.Contains("(200 such", _world.Log.Warnings.Last(), StringComparison.Ordinal);
        Assert.Equal(201ul, _world.Disk.Health.Read(1).DeviceErrors);
        Assert.Equal(0ul, _world.Disk.Health.Read(1).MediaErrors);
    }

    [Fact]
    public void A_medium_error_of_a_read_has_a_line_of_its_own()
    {
        _world.Device.Outcome = NvmeStatus.UnrecoveredReadError;
        Write();
        _io.Read();

        Assert.Equal(2, _world.Log.Warnings.Count());
        Assert.Contains("could not read", _world.Log.Warnings.Last(), StringComparison.Ordinal);
        Assert.Equal(2ul, _world.Disk.Health.Read(1).MediaErrors);
    }

    [Fact]
    public void A_command_that_is_wrong_is_no_error_of_the_device()
    {
        _io.Send(new() { Opcode = 0x02, NamespaceId = 1, Cdw10And11 = 5000 }, new byte[512]);

        Assert.Empty(_world.Log.Warnings);
        Assert.Equal(0ul, _world.Disk.Health.Read(1).DeviceErrors);
    }

    private NvmeStatus Write()
    {
        TestCommand write = _io.StartWrite();
        _world.Run();
        return write.Status;
    }
}
