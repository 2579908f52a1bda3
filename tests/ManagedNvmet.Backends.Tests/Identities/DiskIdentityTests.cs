using ManagedNvmet.Backends.Identities;

namespace ManagedNvmet.Backends.Tests.Identities;

/// <summary>Which identity a real file or loop device gets.</summary>
public sealed class DiskIdentityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CollectedLog _log = new();
    private readonly IdentityStore _store;

    public DiskIdentityTests()
    {
        _store = IdentityStore.Open(Path.Combine(_folder.Path, "state"), _log);
        string probe = _folder.File("probe", 512);
        Identify(probe);
        Assert.SkipWhen(FileMark.At(probe) is null, "The tests lie on a file system without extended attributes.");
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_file_keeps_its_identity_when_it_is_renamed_and_its_old_path_gets_another()
    {
        string path = _folder.File("a", 1 << 20);
        NamespaceIdentity identity = Identify(path);
        string renamed = Path.Combine(_folder.Path, "b");
        File.Move(path, renamed);
        Assert.Equal(identity, Identify(renamed));
        Assert.NotEqual(identity, Identify(_folder.File("a", 1 << 20)));
    }

    [Fact]
    public void A_file_carries_its_identity_to_another_state_folder()
    {
        string path = _folder.File("a", 1 << 20);
        NamespaceIdentity identity = Identify(path);
        using var other = IdentityStore.Open(Path.Combine(_folder.Path, "other"), _log);
        Assert.Equal(identity, other.Claim(Names(path), out _));
    }

    [Fact]
    public void A_copy_with_the_attributes_is_another_disk_and_is_refused_until_the_first_file_is_gone()
    {
        string path = _folder.File("a", 1 << 20);
        NamespaceIdentity identity = Identify(path);
        string copy = Path.Combine(_folder.Path, "copy");
        Assert.Equal(0, Machine.Call("cp", "--preserve=all", path, copy).Exit);

        string message = Assert.Throws<BackendException>(() => Identify(copy)).Message;
        Assert.Contains($"{copy} has the identity {identity.Uuid} of another disk, {path}", message);
        Assert.Contains($"setfattr --remove={FileMark.AttributeName} {copy}", message);

        File.Delete(path);
        Assert.Equal(identity, Identify(copy));
    }

    [Fact]
    public void A_copy_without_the_attributes_is_a_disk_of_its_own()
    {
        string path = _folder.File("a", 1 << 20);
        NamespaceIdentity identity = Identify(path);
        string copy = Path.Combine(_folder.Path, "copy");
        File.Copy(path, copy);
        Machine.Call("setfattr", $"--remove={FileMark.AttributeName}", copy);
        Assert.SkipUnless(FileMark.At(copy) is null, "The copy keeps its attributes, and there is no setfattr.");
        Assert.NotEqual(identity, Identify(copy));
        Assert.Equal(identity, Identify(path));
    }

    [Fact]
    public void A_new_file_in_the_place_of_a_known_one_gets_a_new_identity_and_a_warning()
    {
        string path = _folder.File("a", 1 << 20);
        NamespaceIdentity identity = Identify(path);
        File.Delete(path);
        _folder.File("a", 1 << 20);
        Assert.NotEqual(identity, Identify(path));
        Assert.Single(_log.Messages, message => message.StartsWith("Warning") && message.Contains(identity.Uuid.ToString())
            && message.Contains("setfattr --name=user.managed_nvmet.uuid"));
    }

    [Fact]
    public void A_damaged_attribute_is_an_error_that_says_how_to_remove_it()
    {
        string path = _folder.File("a", 1 << 20);
        Assert.SkipUnless(Machine.Call("setfattr", "--name=user.managed_nvmet.uuid", "--value=x", path).Exit == 0, "There is no setfattr.");
        Assert.Contains("holds no UUID", Assert.Throws<BackendException>(() => Identify(path)).Message);
    }

    [Fact]
    public void A_file_that_is_only_read_is_not_marked_and_keeps_its_identity_when_it_is_written_later()
    {
        string path = _folder.File("a", 1 << 20);
        NamespaceIdentity identity = Identify(path, isReadOnly: true);
        Assert.Null(FileMark.At(path));
        Assert.Equal(identity, Identify(path));
        Assert.NotNull(FileMark.At(path));
        string renamed = Path.Combine(_folder.Path, "b");
        File.Move(path, renamed);
        Assert.Equal(identity, Identify(renamed));
    }

    [Fact]
    public void A_link_leads_to_the_identity_of_its_file()
    {
        string path = _folder.File("a", 1 << 20);
        string link = Path.Combine(_folder.Path, "link");
        File.CreateSymbolicLink(link, path);
        Assert.Equal(Identify(path), Identify(link));
    }

    [Fact]
    public void Two_loop_devices_that_are_attached_in_the_other_order_keep_their_identities()
    {
        string one = _folder.File("one", 1 << 20);
        string other = _folder.File("other", 1 << 20);
        NamespaceIdentity ofOne;
        NamespaceIdentity ofOther;
        string firstName;
        using (Machine.LoopDevice first = Machine.Loop(one))
        using (Machine.LoopDevice second = Machine.Loop(other))
        {
            firstName = first.Path;
            ofOne = Identify(first.Path);
            ofOther = Identify(second.Path);
            Assert.NotEqual(ofOne, ofOther);
        }
        Assert.SkipUnless(Machine.Call("losetup", firstName, other).Exit == 0, $"{firstName} was taken meanwhile.");
        using var again = new Machine.LoopDevice(firstName);
        using Machine.LoopDevice last = Machine.Loop(one);
        Assert.Equal(ofOther, Identify(firstName));
        Assert.Equal(ofOne, Identify(last.Path));
    }

    [Fact]
    public void A_part_of_a_file_behind_a_loop_device_is_a_disk_of_its_own()
    {
        string file = _folder.File("disk", 4 << 20);
        using Machine.LoopDevice whole = Machine.Loop(file);
        (int exit, string output) = Machine.Call("losetup", "--find", "--show", "--offset", "1048576", file);
        Assert.SkipUnless(exit == 0, $"No second loop device is to be had: {output}");
        using var part = new Machine.LoopDevice(output);
        Assert.NotEqual(Identify(whole.Path), Identify(part.Path));
    }

    [Fact]
    public void The_names_of_a_device_come_from_its_links_and_from_sysfs()
    {
        using Machine.LoopDevice loop = Machine.Loop(_folder.File("disk", 1 << 20));
        (uint major, uint minor) = NumbersOf(loop.Path);
        string sysfs = Path.Combine(_folder.Path, "sys");
        string devices = Path.Combine(_folder.Path, "dev");
        string device = Directory.CreateDirectory($"{sysfs}/dev/block/{major}:{minor}").FullName;
        Directory.CreateDirectory($"{device}/device");
        File.WriteAllText($"{device}/device/wwid", "t10.ATA     DISK     1\n");
        File.WriteAllText($"{device}/serial", "0000\n");
        Directory.CreateDirectory($"{devices}/disk/by-id");
        File.CreateSymbolicLink($"{devices}/disk/by-id/ata-DISK_1", loop.Path);
        File.CreateSymbolicLink($"{devices}/disk/by-id/wwn-0x1", loop.Path);

        DiskNames names = Names(loop.Path, new DiskNameReader(sysfs, devices));
        Assert.Equal(["/dev/disk/by-id/wwn-0x1", "wwid:t10.ATA DISK 1"], names.Lasting);
        Assert.Equal([loop.Path], names.Former);
    }

    [Fact]
    public void A_device_without_any_lasting_name_says_so()
    {
        using Machine.LoopDevice loop = Machine.Loop(_folder.File("disk", 1 << 20));
        DiskNames names = Names(loop.Path, new DiskNameReader(_folder.Path, _folder.Path));
        Assert.Empty(names.Lasting);
        Assert.Equal(loop.Path, names.Fallback);
    }

    private static (uint Major, uint Minor) NumbersOf(string path)
    {
        Assert.True(NativeFile.Stat(-1, path, out FileStatus status) >= 0);
        return (status.DeviceMajor, status.DeviceMinor);
    }

    private static DiskNames Names(string path, DiskNameReader? reader = null, bool isReadOnly = false)
    {
        int fd = NativeFile.Open(path, NativeFile.ReadOnly);
        Assert.True(fd >= 0);
        try
        {
            return (reader ?? new DiskNameReader()).Read(fd, path, mayMark: !isReadOnly);
        }
        finally
        {
            NativeFile.Close(fd);
        }
    }

    private NamespaceIdentity Identify(string path, bool isReadOnly = false)
    {
        NamespaceIdentity identity = _store.Claim(Names(path, isReadOnly: isReadOnly), out string claim);
        _store.Release(claim);
        return identity;
    }
}
