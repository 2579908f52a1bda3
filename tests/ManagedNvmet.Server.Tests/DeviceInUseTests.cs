using ManagedNvmet.Initiator;

namespace ManagedNvmet.Server.Tests;

/// <summary>Block devices that another program or the kernel uses.</summary>
public sealed class DeviceInUseTests : ServerTest
{
    private readonly List<string> _devices = [];
    private string? _mountPoint;

    [Fact]
    public async Task A_mounted_device_is_refused_with_its_mount_point_and_served_when_forced()
    {
        string device = await MakeDeviceAsync();
        await Machine.RequireAsync("mkfs.ext4", "-q", device);
        _mountPoint = Directory.CreateDirectory(Path.Combine(Folder, "mnt")).FullName;
        (int mounted, string why) = await Machine.RunAsync("mount", device, _mountPoint);
        if (mounted != 0)
        {
            _mountPoint = null;
            Assert.Skip($"Nothing can be mounted here: {why}");
        }

        Assert.Equal(
            $"managed-nvmet: {device} is in use: it is mounted at {_mountPoint}. Release it first; the option force serves it all the "
                + "same, "
                + "which destroys the data if both write.",
            await RefusalAsync(1, "--namespace", device));
        Assert.Contains("is in use", await RefusalAsync(1, "--namespace", device + ",ro"), StringComparison.Ordinal);

        ServerProcess forced = await StartAsync("--namespace", device + ",ro,force");
        Assert.Equal(1, forced.LineCount($"{device} is mounted at {_mountPoint}; it is served all the same because that was forced"));
        Assert.Contains("block device", forced.Output, StringComparison.Ordinal);
        InitiatorController host = await ConnectAsync(forced);
        Memory<byte> superblock = InitiatorController.AllocatePinned(1024);
        (await host.ReadAsync(0, 1, 2, 2, superblock)).Require("Read");
        Assert.Equal(0xEF53, superblock.Span[0x38] | (superblock.Span[0x39] << 8));
    }

    [Fact]
    public async Task A_device_that_a_second_server_asks_for_is_in_use()
    {
        string device = await MakeDeviceAsync();
        ServerProcess first = await StartAsync("--namespace", device);

        Assert.StartsWith(
            $"managed-nvmet: {device} is in use: it is held by ",
            await RefusalAsync(1, "--namespace", device, "--state-directory", Path.Combine(Folder, "other")),
            StringComparison.Ordinal);

        Assert.Equal(0, await first.StopAsync());
        ServerProcess second = await StartAsync("--namespace", device);
        Assert.Equal(0, await second.StopAsync());
    }

    [Fact]
    public async Task A_device_with_nothing_behind_it_is_refused()
    {
        string device = await MakeDeviceAsync();
        await Machine.RequireAsync("losetup", "--detach", device);
        _devices.Remove(device);

        string line = await RefusalAsync(1, "--namespace", device);

        Assert.StartsWith($"managed-nvmet: {device} ", line, StringComparison.Ordinal);
    }

    protected override async Task CleanUpAsync()
    {
        if (_mountPoint is not null)
            await Machine.RequireAsync("umount", _mountPoint);
        foreach (string device in _devices)
            await Machine.RequireAsync("losetup", "--detach", device);
    }

    private async Task<string> MakeDeviceAsync()
    {
        Assert.SkipUnless(Machine.IsRoot && Machine.Has("losetup"), "Needs root and losetup, to make block devices.");
        string file = MakeFile("device.img", 16 << 20);
        (int exitCode, string output) = await Machine.RunAsync("losetup", "--find", "--show", file);
        Assert.SkipUnless(exitCode == 0, $"There are no loop devices here: {output}");
        _devices.Add(output.Trim());
        return output.Trim();
    }
}
