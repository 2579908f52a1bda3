using ManagedNvmet.Backends.Identities;

namespace ManagedNvmet.Backends.Tests.Identities;

public sealed class IdentityStoreTests : IDisposable
{
    private const string Subsystem = "nqn.2014-08.org.nvmexpress:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8";

    private readonly TemporaryFolder _folder = new();
    private readonly CollectedLog _log = new();

    private string State => Path.Combine(_folder.Path, "state");

    private string StateFile => Path.Combine(State, IdentityStore.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Identities_are_the_same_after_a_restart_and_never_zero()
    {
        NamespaceIdentity one;
        NamespaceIdentity other;
        string serial;
        using (IdentityStore store = Open())
        {
            one = Claim(store, "/dev/a");
            other = Claim(store, "/dev/b");
            serial = store.SerialNumber(Subsystem);
            store.Save();
        }
        Assert.NotEqual(Guid.Empty, one.Uuid);
        Assert.NotEqual(UInt128.Zero, one.Nguid);
        Assert.NotEqual(0UL, one.Eui64);
        Assert.NotEqual(one.Uuid, other.Uuid);
        Assert.NotEqual(one.Nguid, other.Nguid);
        Assert.NotEqual(one.Eui64, other.Eui64);
        Assert.Equal(20, serial.Length);

        using IdentityStore again = Open();
        Assert.Equal(other, Claim(again, "/dev/b"));
        Assert.Equal(one, Claim(again, "/dev/a"));
        Assert.Equal(serial, again.SerialNumber(Subsystem));
        Assert.NotEqual(serial, again.SerialNumber(Subsystem + "0"));
    }

    [Fact]
    public void Two_namespaces_with_one_key_have_two_identities_each_of_which_lasts()
    {
        NamespaceIdentity first;
        NamespaceIdentity second;
        using (IdentityStore store = Open())
        {
            first = store.Claim(DiskNames.OfSingle("mem:1024"), out string firstClaim);
            second = store.Claim(DiskNames.OfSingle("mem:1024"), out string secondClaim);
            Assert.NotEqual(first, second);
            Assert.NotEqual(firstClaim, secondClaim);
            store.Release(firstClaim);
            Assert.Equal(first, Claim(store, "mem:1024"));
            store.Save();
        }
        using IdentityStore again = Open();
        Assert.Equal(first, Claim(again, "mem:1024"));
        Assert.Equal(second, Claim(again, "mem:1024"));
    }

    [Fact]
    public void A_second_server_in_the_same_folder_is_refused_until_the_first_one_has_ended()
    {
        using (Open())
        {
            BackendException refusal = Assert.Throws<BackendException>(Open);
            Assert.Contains($"process {Environment.ProcessId}", refusal.Message);
            Assert.Contains("Give each server a state folder of its own", refusal.Message);
            Assert.Equal("StateFolder", refusal.Setting);
        }
        Open().Dispose();
    }

    [Fact]
    public void A_uuid_that_the_operator_chose_is_the_identity_of_the_disk_from_then_on()
    {
        var uuid = Guid.NewGuid();
        NamespaceIdentity chosen;
        using (IdentityStore store = Open())
        {
            chosen = store.Assign(DiskNames.OfSingle("/dev/a"), uuid);
            Assert.Equal(uuid, chosen.Uuid);
            store.Save();
        }
        using IdentityStore again = Open();
        Assert.Equal(chosen, Claim(again, "/dev/a"));
        Assert.Equal(chosen, again.Assign(DiskNames.OfSingle("/dev/b"), uuid));
    }

    [Fact]
    public void A_chosen_uuid_does_not_take_the_identity_away_that_a_disk_has_without_it()
    {
        using IdentityStore store = Open();
        NamespaceIdentity own = store.Claim(DiskNames.OfSingle("/dev/a"), out string claim);
        store.Release(claim);
        NamespaceIdentity chosen = store.Assign(DiskNames.OfSingle("/dev/a"), Guid.NewGuid());
        Assert.NotEqual(own, chosen);
        Assert.NotEqual(own.Nguid, chosen.Nguid);
        Assert.Equal(own, Claim(store, "/dev/a"));
    }

    [Fact]
    public void A_disk_is_known_by_any_of_its_names()
    {
        using IdentityStore store = Open();
        NamespaceIdentity identity = store.Claim(Disk("/dev/sda", "/dev/disk/by-id/wwn-1", "wwid:naa.1"), out string claim);
        store.Release(claim);

        // Without the links of udev, and under another name of the kernel.
        Assert.Equal(identity, store.Claim(Disk("/dev/sdb", "wwid:naa.1"), out _));
    }

    [Fact]
    public void Two_disks_that_change_their_kernel_names_keep_their_identities()
    {
        using IdentityStore store = Open();
        NamespaceIdentity one = store.Claim(Disk("/dev/sda", "wwid:naa.1"), out string oneClaim);
        NamespaceIdentity other = store.Claim(Disk("/dev/sdb", "wwid:naa.2"), out string otherClaim);
        store.Release(oneClaim);
        store.Release(otherClaim);
        Assert.Equal(other, store.Claim(Disk("/dev/sda", "wwid:naa.2"), out _));
        Assert.Equal(one, store.Claim(Disk("/dev/sdb", "wwid:naa.1"), out _));
    }

    [Fact]
    public void A_known_name_on_another_disk_is_refused()
    {
        using IdentityStore store = Open();
        NamespaceIdentity identity = store.Claim(Disk("/dev/sda", "/dev/disk/by-id/usb-x", "wwid:naa.1"), out string claim);
        store.Release(claim);
        string message =
            Assert.Throws<BackendException>(() => store.Claim(Disk("/dev/sda", "/dev/disk/by-id/usb-x", "wwid:naa.2"), out _)).Message;
        Assert.Contains("is another disk: it is wwid:naa.2, and that one was wwid:naa.1", message);
        Assert.Contains(identity.Uuid.ToString(), message);
    }

    [Fact]
    public void Two_disks_with_one_name_are_not_served_at_the_same_time()
    {
        using IdentityStore store = Open();
        DiskNames disk = Disk("/dev/sda", "serial:1");
        store.Claim(disk, out _);
        string message =
            Assert.Throws<BackendException>(() => store.Claim(disk with { Place = "/dev/sdb", Disk = "other" }, out _)).Message;
        Assert.Contains("/dev/sdb has the identity", message);
        Assert.Contains("Configure a UUID", message);
        store.Claim(disk, out string again);
        Assert.Equal("serial:1 #2", again);
    }

    [Fact]
    public void An_identity_of_an_earlier_version_moves_to_the_lasting_name_once()
    {
        Directory.CreateDirectory(State);
        const string Uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
        string entry = $"\"uuid\":\"{Uuid}\",\"nguid\":\"{new string('1', 32)}\",\"eui64\":\"{new string('2', 16)}\"";
        File.WriteAllText(StateFile, "{\"version\":1,\"serialNumbers\":{},\"namespaces\":{\"/dev/loop0\":{" + entry + "}}}");
        using (IdentityStore store = Open())
        {
            Assert.Equal(Guid.Parse(Uuid), store.Claim(Disk("/dev/loop0", "loop:/srv/a"), out _).Uuid);
            store.Save();
        }
        using IdentityStore again = Open();
        Assert.NotEqual(Guid.Parse(Uuid), again.Claim(Disk("/dev/loop0", "loop:/srv/b"), out _).Uuid);
        Assert.Equal(Guid.Parse(Uuid), again.Claim(Disk("/dev/loop1", "loop:/srv/a") with { Disk = "1" }, out _).Uuid);
        Assert.Single(_log.Messages, message => message.Contains("was kept under /dev/loop0"));
    }

    [Fact]
    public void What_is_not_saved_is_not_in_the_file_and_a_full_disk_is_an_error()
    {
        using IdentityStore store = Open();
        Claim(store, "/dev/a");
        Assert.False(File.Exists(StateFile));
        Directory.CreateDirectory(StateFile);
        Assert.Contains("cannot be written", Assert.Throws<BackendException>(store.Save).Message);
        Directory.Delete(StateFile);
        store.Save();
        Assert.True(File.Exists(StateFile));
    }

    [Fact]
    public void A_file_that_another_program_changed_meanwhile_is_not_written_over()
    {
        using IdentityStore store = Open();
        Claim(store, "/dev/a");
        File.WriteAllText(StateFile, "{}");
        Assert.Contains("was changed by another program", Assert.Throws<BackendException>(store.Save).Message);
        Assert.Equal("{}", File.ReadAllText(StateFile));
    }

    [Fact]
    public void The_file_is_for_its_owner_and_readable_by_a_person()
    {
        using IdentityStore store = Open();
        Claim(store, "/dev/a");
        store.Save();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(StateFile));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(State));
        Assert.Contains("\"/dev/a\": {", File.ReadAllText(StateFile));
        Assert.Equal([StateFile, Path.Combine(State, "identities.lock")], Directory.GetFiles(State).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"version":2,"serialNumbers":{},"namespaces":{}}""")]
    [InlineData("""{"version":1,"serialNumbers":{"nqn":""},"namespaces":{}}""")]
    [InlineData("""{"version":1,"serialNumbers":{},"namespaces":{"a":null}}""")]
    [InlineData(
        """{"version":1,"serialNumbers":{},"namespaces":{"a":{"uuid":"00000000-0000-0000-0000-000000000000","nguid":"1","eui64":"1"}}}""")]
    public void A_damaged_file_is_an_error_that_names_it_and_is_left_alone(string content)
    {
        Directory.CreateDirectory(State);
        File.WriteAllText(StateFile, content);
        string message = Assert.Throws<BackendException>(() => Open()).Message;
        Assert.Contains(StateFile, message);
        Assert.Contains("damaged", message);
        Assert.Equal(content, File.ReadAllText(StateFile));
    }

    [Fact]
    public void A_copied_identity_is_refused()
    {
        using (IdentityStore store = Open())
        {
            Claim(store, "/dev/a");
            store.Save();
        }
        string text = File.ReadAllText(StateFile);
        int start = text.IndexOf("\"/dev/a\"", StringComparison.Ordinal);
        int end = text.IndexOf('}', start) + 1;
        string entry = text[start..end];
        File.WriteAllText(StateFile, text.Replace(entry, entry + "," + entry.Replace("/dev/a", "/dev/b")));
        Assert.Contains("another namespace has too", Assert.Throws<BackendException>(() => Open()).Message);
    }

    [Fact]
    public void A_folder_that_is_a_file_is_refused()
    {
        File.WriteAllText(State, "");
        Assert.Throws<BackendException>(() => Open());
    }

    private static NamespaceIdentity Claim(IdentityStore store, string name) => store.Claim(DiskNames.OfSingle(name), out _);

    private static DiskNames Disk(string path, params string[] names) => new()
    {
        Lasting = names,
        Fallback = path,
        Former = [path],
        Place = path,
        Disk = names[^1],
    };

    private IdentityStore Open() => IdentityStore.Open(State, _log);
}
