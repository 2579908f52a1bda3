using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Backends.Tests;

public sealed class FileDeviceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CollectedLog _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_file_is_refused_and_create_is_suggested()
    {
        string message = Refusal(new FileDeviceOptions { Path = Path.Combine(_folder.Path, "none") });
        Assert.Contains("does not exist", message);
        Assert.Contains("create=SIZE", message);
    }

    [Fact]
    public void A_missing_file_is_made_when_asked_for_and_one_that_exists_is_kept()
    {
        string path = Path.Combine(_folder.Path, "new");
        using (var served = Serve(new FileDeviceOptions { Path = path, CreateBytes = 1 << 20 }))
        {
            Assert.Equal(2048UL, served.Device.Properties.BlockCount);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            served.Write(0, 1, 9);
        }
        using (var served = Serve(new FileDeviceOptions { Path = path, CreateBytes = 5 << 20 }))
        {
            Assert.Equal(2048UL, served.Device.Properties.BlockCount);
            Assert.Equal([9], served.Fills(0, 1));
        }
    }

    [Theory]
    [InlineData("/dev/managed-nvmet-test")]
    [InlineData("/dev/../dev/managed-nvmet-test")]
    public void A_file_is_never_created_below_dev(string path)
    {
        Assert.Contains("not created below /dev", Refusal(new FileDeviceOptions { Path = path, CreateBytes = 1 << 20 }));
        Assert.False(File.Exists(path));
    }

    [Theory]
    [InlineData(511L)]
    [InlineData(long.MaxValue)]
    public void A_file_that_cannot_be_created_in_its_size_leaves_nothing_behind(long bytes)
    {
        string path = Path.Combine(_folder.Path, "new");
        Refusal(new FileDeviceOptions { Path = path, CreateBytes = bytes });
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_file_larger_than_the_free_space_is_created_with_a_warning_and_one_that_fits_without()
    {
        using Machine.MountedFolder mount = Machine.Mount("tmpfs", "size=1m");
        string small = Path.Combine(mount.Path, "small");
        string large = Path.Combine(mount.Path, "large");
        Serve(new FileDeviceOptions { Path = small, CreateBytes = 64 << 10 }).Dispose();
        Assert.DoesNotContain(_log.Messages, message => message.Contains("free"));
        Serve(new FileDeviceOptions { Path = large, CreateBytes = 16 << 20 }).Dispose();
        Assert.Single(_log.Messages, message => message.StartsWith("Warning") && message.Contains("writes of hosts fail"));
        File.Delete(small);
        File.Delete(large);
    }

    [Fact]
    public void A_request_to_create_a_file_that_exists_in_another_size_is_said_to_have_no_effect()
    {
        string path = _folder.File("old", 1 << 20);
        Serve(new FileDeviceOptions { Path = path, CreateBytes = 1 << 20 }).Dispose();
        Assert.DoesNotContain(_log.Messages, message => message.Contains("exists already"));
        Serve(new FileDeviceOptions { Path = path, CreateBytes = 2 << 20 }).Dispose();
        Assert.Single(_log.Messages, message => message.Contains("exists already and keeps its size"));
    }

    [Fact]
    public void A_file_that_a_loop_device_uses_is_refused_with_its_mount_point_and_served_when_forced()
    {
        string file = _folder.File("fs", 16 << 20);
        Assert.SkipUnless(Machine.Call("mkfs.ext4", "-q", file).Exit == 0, "There is no mkfs.ext4.");
        using (Machine.LoopDevice loop = Machine.Loop(file))
        {
            Assert.Contains($"the file of the loop device {loop.Path}.", Refusal(new FileDeviceOptions { Path = file }));
            Assert.Contains("is in use", Refusal(new FileDeviceOptions { Path = file, IsReadOnly = true }));
            string mount = Path.Combine(_folder.Path, "mount");
            Directory.CreateDirectory(mount);
            if (Machine.Call("mount", loop.Path, mount).Exit == 0)
            {
                Assert.Contains($"{loop.Path}, mounted at {mount}.", Refusal(new FileDeviceOptions { Path = file }));
                Machine.Call("umount", mount);
            }
            Serve(new FileDeviceOptions { Path = file, IsForced = true, IsReadOnly = true }).Dispose();
        }
        Serve(new FileDeviceOptions { Path = file }).Dispose();
    }

    [Fact]
    public void A_file_that_a_loop_device_only_reads_may_be_served_for_reading_and_not_for_writing()
    {
        string file = _folder.File("disk", 1 << 20);
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "A loop device needs root.");
        (int exit, string output) = Machine.Call("losetup", "--find", "--show", "--read-only", file);
        Assert.SkipUnless(exit == 0, $"No loop device is to be had: {output}");
        using var loop = new Machine.LoopDevice(output);
        Serve(new FileDeviceOptions { Path = file, IsReadOnly = true }).Dispose();
        Assert.Contains("is in use", Refusal(new FileDeviceOptions { Path = file }));
    }

    [Theory]
    [InlineData(NativeFile.ReadWrite, true)]
    [InlineData(NativeFile.ReadOnly, false)]
    public void A_file_that_is_open_for_writing_elsewhere_is_refused_and_one_that_is_read_is_served(int access, bool isRefused)
    {
        string path = _folder.File("disk", 1 << 20);
        int other = NativeFile.Open(path, access);
        foreach (bool isReadOnly in (bool[])[false, true])
        {
            var options = new FileDeviceOptions { Path = path, IsReadOnly = isReadOnly };
            if (isRefused)
                Assert.Contains("is in use: it is open for writing in", Refusal(options));
            else
                Serve(options).Dispose();
            Serve(options with { IsForced = true }).Dispose();
        }
        NativeFile.Close(other);
        Serve(new FileDeviceOptions { Path = path }).Dispose();
    }

    [Fact]
    public void A_process_that_has_the_file_open_for_writing_is_named()
    {
        string path = _folder.File("disk", 1 << 20);
        using var other = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("sh", ["-c", $"exec 3<>'{path}'; echo ready; read -r end"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        other.StandardOutput.ReadLine();
        Assert.Contains($"open for writing in process {other.Id} (sh)", Refusal(new FileDeviceOptions { Path = path }));
        other.StandardInput.Close();
        other.WaitForExit();
        Serve(new FileDeviceOptions { Path = path }).Dispose();
    }

    [Fact]
    public void A_device_that_refuses_writes_is_read_only_and_follows_when_that_changes()
    {
        string file = _folder.File("disk", 1 << 20);
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "A loop device needs root.");
        (int exit, string output) = Machine.Call("losetup", "--find", "--show", "--read-only", file);
        Assert.SkipUnless(exit == 0, $"No loop device is to be had: {output}");
        using var loop = new Machine.LoopDevice(output);
        using ServedDevice served = Serve(new FileDeviceOptions { Path = loop.Path });
        Assert.True(served.Device.Properties.IsReadOnly);
        Assert.False(served.Device.Properties.Has(BlockDeviceCapabilities.Deallocate));
        Assert.Equal([0], served.Fills(0, 1));
    }

    [Fact]
    public void A_device_that_becomes_read_only_says_so_when_asked()
    {
        using Machine.LoopDevice loop = Machine.Loop(_folder.File("disk", 1 << 20));
        using ServedDevice served = Serve(new FileDeviceOptions { Path = loop.Path });
        var device = (FileDevice)served.Device;
        BlockDeviceProperties before = device.Properties;
        Assert.False(before.IsReadOnly);
        Assert.SkipUnless(Machine.Call("blockdev", "--setro", loop.Path).Exit == 0, "There is no blockdev.");
        Assert.True(device.Refresh());
        Assert.True(device.Properties.IsReadOnly);
        Machine.Call("blockdev", "--setrw", loop.Path);
        Assert.True(device.Refresh());
        Assert.Equal(before, device.Properties);
    }

    [Fact]
    public void A_folder_and_a_character_device_are_refused()
    {
        Assert.Contains("a folder", Refusal(new FileDeviceOptions { Path = _folder.Path }));
        Assert.Contains("a special file", Refusal(new FileDeviceOptions { Path = "/dev/null" }));
    }

    [Fact]
    public void An_empty_file_is_refused_and_one_block_is_enough()
    {
        Assert.Contains("less than one block", Refusal(new FileDeviceOptions { Path = _folder.File("empty", 511) }));
        using ServedDevice served = Serve(new FileDeviceOptions { Path = _folder.File("one", 512) });
        Assert.Equal(1UL, served.Device.Properties.BlockCount);
    }

    [Fact]
    public void A_size_that_is_not_whole_blocks_is_rounded_down_and_said()
    {
        using ServedDevice served = Serve(new FileDeviceOptions { Path = _folder.File("odd", 10_000), BlockSize = 4096 });
        Assert.Equal(2UL, served.Device.Properties.BlockCount);
        Assert.Contains(_log.Messages, message => message.Contains("the last 1808 do not fill a block of 4096"));
    }

    [Fact]
    public void A_file_is_served_once_unless_forced()
    {
        string path = _folder.File("shared", 1 << 20);
        using (Serve(new FileDeviceOptions { Path = path }))
        {
            string message = Refusal(new FileDeviceOptions { Path = path });
            Assert.Contains("is in use", message);
            Assert.Contains($"process {Environment.ProcessId}", message);
            Assert.Contains("force", message);
            Assert.Contains("is in use", Refusal(new FileDeviceOptions { Path = path, IsReadOnly = true }));
            Serve(new FileDeviceOptions { Path = path, IsForced = true }).Dispose();
        }
        Serve(new FileDeviceOptions { Path = path }).Dispose();
    }

    [Fact]
    public void A_file_may_be_served_twice_when_both_only_read()
    {
        string path = _folder.File("shared", 1 << 20);
        using ServedDevice one = Serve(new FileDeviceOptions { Path = path, IsReadOnly = true });
        using ServedDevice other = Serve(new FileDeviceOptions { Path = path, IsReadOnly = true });
        Assert.True(other.Device.Properties.IsReadOnly);
        Assert.False(other.Device.Properties.Has(BlockDeviceCapabilities.Deallocate));
        Assert.Equal([0], other.Fills(0, 1));
        Assert.Equal(NvmeStatus.Success, other.Flush());
    }

    [Fact]
    public void A_block_device_in_use_is_refused_with_its_mount_point()
    {
        string file = _folder.File("fs", 16 << 20);
        Assert.SkipUnless(Machine.Call("mkfs.ext4", "-q", file).Exit == 0, "There is no mkfs.ext4.");
        using Machine.LoopDevice loop = Machine.Loop(file);
        string mount = Path.Combine(_folder.Path, "mount");
        Directory.CreateDirectory(mount);
        Assert.SkipUnless(Machine.Call("mount", loop.Path, mount).Exit == 0, "The loop device cannot be mounted.");
        try
        {
            string message = Refusal(new FileDeviceOptions { Path = loop.Path });
            Assert.Contains($"mounted at {mount}", message);
            Serve(new FileDeviceOptions { Path = loop.Path, IsForced = true, IsReadOnly = true }).Dispose();
        }
        finally
        {
            Machine.Call("umount", mount);
        }
        Serve(new FileDeviceOptions { Path = loop.Path }).Dispose();
    }

    [Fact]
    public void A_block_device_is_served_once()
    {
        using Machine.LoopDevice loop = Machine.Loop(_folder.File("disk", 1 << 20));
        using ServedDevice served = Serve(new FileDeviceOptions { Path = loop.Path });
        Assert.Equal(2048UL, served.Device.Properties.BlockCount);
        Assert.True(((FileDevice)served.Device).IsBlockDevice);
        Assert.Contains("is in use", Refusal(new FileDeviceOptions { Path = loop.Path }));
    }

    [Fact]
    public void A_block_device_that_has_grown_says_so_when_asked_and_is_used_to_its_new_end()
    {
        string file = _folder.File("disk", 1 << 20);
        using Machine.LoopDevice loop = Machine.Loop(file);
        using ServedDevice served = Serve(new FileDeviceOptions { Path = loop.Path });
        var device = (FileDevice)served.Device;
        Assert.False(device.Refresh());

        Assert.Equal(0, Machine.Call("truncate", "--size=2M", file).Exit);
        Assert.Equal(0, Machine.Call("losetup", "--set-capacity", loop.Path).Exit);

        Assert.Equal(2048UL, device.Properties.BlockCount);
        Assert.True(device.Refresh());
        Assert.Equal(4096UL, device.Properties.BlockCount);
        Assert.Equal(NvmeStatus.Success, served.Write(4095, 1, 7));
        Assert.Equal([7], served.Fills(4095, 1));
    }

    [Fact]
    public void A_block_size_below_that_of_the_device_is_refused_and_a_larger_one_served()
    {
        string file = _folder.File("disk", 1 << 20);
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "A loop device needs root.");
        (int exit, string output) = Machine.Call("losetup", "--find", "--show", "--sector-size", "4096", file);
        Assert.SkipUnless(exit == 0, $"No loop device is to be had: {output}");
        using var loop = new Machine.LoopDevice(output);
        Assert.Contains("block-size=512 cannot be served", Refusal(new FileDeviceOptions { Path = loop.Path, BlockSize = 512 }));
        using ServedDevice served = Serve(new FileDeviceOptions { Path = loop.Path });
        Assert.Equal(4096, served.Device.Properties.BlockSize);
        served.Write(0, 1, 5);
        Assert.Equal([5, 0], served.Fills(0, 2));
    }

    [Fact]
    public void A_file_system_that_refuses_direct_io_is_served_through_the_page_cache_with_one_warning()
    {
        using Machine.MountedFolder mount = Machine.Mount("ramfs", "mode=700");
        string path = Path.Combine(mount.Path, "disk");
        using (ServedDevice served = Serve(new FileDeviceOptions { Path = path, CreateBytes = 1 << 20 }))
        {
            var device = (FileDevice)served.Device;
            Assert.False(device.IsDirect);
            Assert.True(device.Properties.HasVolatileCache);
            Assert.False(device.Properties.Has(BlockDeviceCapabilities.Deallocate));
            Assert.Single(_log.Messages, message => message.StartsWith("Warning") && message.Contains("through the page cache"));

            // This file system supports neither holes nor zero ranges, so the device writes zeros.
            Assert.Equal(NvmeStatus.Success, served.Write(0, 8, 5));
            Assert.Equal(NvmeStatus.Success, served.Zero(1, 2));
            Assert.Equal(NvmeStatus.Success, served.Zero(4, 1, hint: true, forceUnitAccess: true));
            Assert.Equal(NvmeStatus.Success, served.Deallocate(new BlockRange(6, 1)));
            Assert.Equal([5, 0, 0, 5, 0, 5, 5, 5], served.Fills(0, 8));
            Assert.Equal(NvmeStatus.Success, served.Flush());
        }
        File.Delete(path);
    }

    [Fact]
    public void A_disk_file_is_direct_and_says_nothing()
    {
        using ServedDevice served = Serve(new FileDeviceOptions { Path = _folder.File("disk", 1 << 20), BlockSize = 4096 });
        Assert.SkipUnless(((FileDevice)served.Device).IsDirect, "The tests lie on a file system without direct I/O.");
        Assert.Empty(_log.Messages);
    }

    [Fact]
    public void A_full_file_system_ends_the_write_with_capacity_exceeded_and_the_device_lives()
    {
        using Machine.MountedFolder mount = Machine.Mount("tmpfs", "size=64k");
        string path = Path.Combine(mount.Path, "disk");
        using (ServedDevice served = Serve(new FileDeviceOptions { Path = path, CreateBytes = 1 << 20, BlockSize = 4096 }))
        {
            Assert.Equal(NvmeStatus.Success, served.Write(0, 4, 1));
            Assert.Equal(NvmeStatus.CapacityExceeded, served.Write(10, 30, 2));
            Assert.Equal([1], served.Fills(3, 1));
        }
        File.Delete(path);
    }

    [Fact]
    public void A_file_that_was_cut_fails_reads_beyond_its_end_and_no_others()
    {
        string path = _folder.File("cut", 1 << 20);
        using ServedDevice served = Serve(new FileDeviceOptions { Path = path });
        Assert.Equal(0, Machine.Call("truncate", "--size=512K", path).Exit);
        Memory<byte> data = served.Rent(4096);
        Assert.Equal(NvmeStatus.UnrecoveredReadError, served.Submit(new TestRequest(BlockOperation.Read, 2000, 8, data)));
        Assert.Equal([0], served.Fills(0, 1));
    }

    [Fact]
    public void A_medium_that_fails_ends_commands_with_media_errors()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "The device mapper needs root.");
        string name = $"mnvmet-test-{Environment.ProcessId}";
        (int exit, string output) = Machine.Call("dmsetup", "create", name, "--table", "0 2048 error");
        Assert.SkipUnless(exit == 0, $"No failing device is to be had from the device mapper: {output}");
        try
        {
            using ServedDevice served = Serve(new FileDeviceOptions { Path = $"/dev/mapper/{name}" });
            Memory<byte> data = served.Rent(4096);
            Assert.Equal(NvmeStatus.UnrecoveredReadError, served.Submit(new TestRequest(BlockOperation.Read, 0, 8, data)));
            Assert.Equal(NvmeStatus.WriteFault, served.Submit(new TestRequest(BlockOperation.Write, 0, 8, data)));
        }
        finally
        {
            Machine.Call("dmsetup", "remove", name);
        }
    }

    [Fact]
    public void A_loop_device_that_loses_its_file_fails_commands_and_not_the_process()
    {
        string file = _folder.File("disk", 1 << 20);
        using Machine.LoopDevice loop = Machine.Loop(file);
        using ServedDevice served = Serve(new FileDeviceOptions { Path = loop.Path });
        Assert.Equal(0, Machine.Call("truncate", "--size=0", file).Exit);
        Memory<byte> data = served.Rent(4096);
        Assert.Equal(NvmeStatus.UnrecoveredReadError, served.Submit(new TestRequest(BlockOperation.Read, 800, 8, data)));
    }

    [Fact]
    public void A_submit_from_a_thread_without_a_shard_is_an_exception()
    {
        using ServedDevice served = Serve(new FileDeviceOptions { Path = _folder.File("disk", 1 << 20) });
        Assert.Throws<InvalidOperationException>(() => served.Device.Submit(new TestRequest(BlockOperation.Flush)));
    }

    [Fact]
    public void Without_the_right_to_read_the_message_names_owner_and_mode()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "Root may open everything.");
        string path = _folder.File("secret", 1 << 20);
        File.SetUnixFileMode(path, UnixFileMode.None);
        Assert.Contains("mode 0000", Refusal(new FileDeviceOptions { Path = path }));
    }

    [Theory]
    [InlineData(Errno.EIO, "2/81 DNR", "2/80 DNR")]
    [InlineData(Errno.ENOSPC, "0/81 DNR", "0/81 DNR")]
    [InlineData(Errno.EDQUOT, "0/81 DNR", "0/81 DNR")]
    [InlineData(Errno.EROFS, "0/20 DNR", "0/20 DNR")]
    [InlineData(Errno.EPERM, "0/20 DNR", "0/20 DNR")]
    [InlineData(Errno.EOPNOTSUPP, "0/01 DNR", "0/01 DNR")]
    [InlineData(Errno.ENODEV, "0/06", "0/06")]
    [InlineData(Errno.ENXIO, "0/06", "0/06")]
    [InlineData(Errno.ENOMEM, "0/06", "0/06")]
    [InlineData(Errno.EINVAL, "0/06 DNR", "0/06 DNR")]
    [InlineData(0, "0/00", "0/00")]
    public void Errors_of_the_medium_have_their_statuses(int errno, string read, string write)
    {
        Assert.Equal(read, MediaErrors.OfRead(errno).ToString());
        Assert.Equal(write, MediaErrors.OfWrite(errno).ToString());
    }

    private string Refusal(FileDeviceOptions options) =>
        Assert.Throws<BackendException>(() => FileDevice.Open(options, _log)).Message;

    private ServedDevice Serve(FileDeviceOptions options) => new(FileDevice.Open(options, _log));
}
