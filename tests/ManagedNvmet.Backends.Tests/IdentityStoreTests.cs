
namespace ManagedNvmet.Backends.Tests;

public sealed class IdentityStoreTests : IDisposable
{
    private const string Subsystem = "nqn.2014-08.org.nvmexpress:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8";

    private readonly TemporaryFolder _folder = new();

    private string State => Path.Combine(_folder.Path, "state");

    private string StateFile => Path.Combine(State, IdentityStore.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Identities_are_the_same_after_a_restart_and_never_zero()
    {
        IdentityStore store = IdentityStore.Open(State);
        NamespaceIdentity one = store.Claim("/dev/a", null, out _);
        NamespaceIdentity other = store.Claim("/dev/b", null, out _);
        string serial = store.SerialNumber(Subsystem);
        Assert.NotEqual(Guid.Empty, one.Uuid);
        Assert.NotEqual(UInt128.Zero, one.Nguid);
        Assert.NotEqual(0UL, one.Eui64);
        Assert.NotEqual(one.Uuid, other.Uuid);
        Assert.NotEqual(one.Nguid, other.Nguid);
        Assert.NotEqual(one.Eui64, other.Eui64);
        Assert.Equal(20, serial.Length);

        IdentityStore again = IdentityStore.Open(State);
        Assert.Equal(other, again.Claim("/dev/b", null, out _));
        Assert.Equal(one, again.Claim("/dev/a", null, out _));
        Assert.Equal(serial, again.SerialNumber(Subsystem));
        Assert.NotEqual(serial, again.SerialNumber(Subsystem + "0"));
    }

    [Fact]
    public void Two_namespaces_with_one_key_have_two_identities_each_of_which_lasts()
    {
        IdentityStore store = IdentityStore.Open(State);
        NamespaceIdentity first = store.Claim("mem:1024", null, out string firstClaim);
        NamespaceIdentity second = store.Claim("mem:1024", null, out string secondClaim);
        Assert.NotEqual(first, second);
        Assert.NotEqual(firstClaim, secondClaim);
        store.Release(firstClaim);
        Assert.Equal(first, store.Claim("mem:1024", null, out _));
        IdentityStore again = IdentityStore.Open(State);
        Assert.Equal(first, again.Claim("mem:1024", null, out _));
        Assert.Equal(second, again.Claim("mem:1024", null, out _));
    }

    [Fact]
    public void Two_servers_that_share_a_folder_lose_nothing_of_each_other()
    {
        IdentityStore one = IdentityStore.Open(State);
        IdentityStore other = IdentityStore.Open(State);
        NamespaceIdentity ofOne = one.Claim("/dev/a", null, out _);
        NamespaceIdentity ofOther = other.Claim("/dev/b", null, out _);
        string serial = one.SerialNumber(Subsystem);

        Assert.Equal(serial, other.SerialNumber(Subsystem));
        IdentityStore again = IdentityStore.Open(State);
        Assert.Equal(ofOne, again.Claim("/dev/a", null, out _));
        Assert.Equal(ofOther, again.Claim("/dev/b", null, out _));
    }

    [Fact]
    public void Many_servers_that_start_at_once_in_one_folder_all_get_their_identities()
    {
        var identities = new NamespaceIdentity[8];
        Parallel.For(0, identities.Length, index => identities[index] = IdentityStore.Open(State).Claim($"/dev/{index}", null, out _));

        IdentityStore again = IdentityStore.Open(State);
        Assert.Equal(identities, Enumerable.Range(0, identities.Length).Select(index => again.Claim($"/dev/{index}", null, out _)));
    }

    [Fact]
    public void A_chosen_uuid_is_kept_and_one_that_is_taken_is_refused()
    {
        var uuid = Guid.NewGuid();
        IdentityStore store = IdentityStore.Open(State);
        Assert.Equal(uuid, store.Claim("/dev/a", uuid, out _).Uuid);
        string message = Assert.Throws<BackendException>(() => store.Claim("/dev/b", uuid, out _)).Message;
        Assert.Contains("/dev/a", message);
        Assert.Equal(uuid, IdentityStore.Open(State).Claim("/dev/a", null, out _).Uuid);
    }

    [Fact]
    public void The_file_is_for_its_owner_and_readable_by_a_person()
    {
        IdentityStore store = IdentityStore.Open(State);
        store.Claim("/dev/a", null, out _);
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
    [InlineData("""{"version":1,"serialNumbers":{},"""
        + """ "namespaces":{"a":{"uuid":"00000000-0000-0000-0000-000000000000","nguid":"1","eui64":"1"}}}""")]
    public void A_damaged_file_is_an_error_that_names_it_and_is_left_alone(string content)
    {
        Directory.CreateDirectory(State);
        File.WriteAllText(StateFile, content);
        string message = Assert.Throws<BackendException>(() => IdentityStore.Open(State)).Message;
        Assert.Contains(StateFile, message);
        Assert.Contains("damaged", message);
        Assert.Equal(content, File.ReadAllText(StateFile));
    }

    [Fact]
    public void A_copied_identity_is_refused()
    {
        IdentityStore store = IdentityStore.Open(State);
        store.Claim("/dev/a", null, out _);
        string text = File.ReadAllText(StateFile);
        int start = text.IndexOf("\"/dev/a\"", StringComparison.Ordinal);
        int end = text.IndexOf('}', start) + 1;
        string entry = text[start..end];
        File.WriteAllText(StateFile, text.Replace(entry, entry + "," + entry.Replace("/dev/a", "/dev/b")));
        Assert.Contains("another namespace has too", Assert.Throws<BackendException>(() => IdentityStore.Open(State)).Message);
    }

    [Fact]
    public void A_folder_that_is_a_file_is_refused()
    {
        File.WriteAllText(State, "");
        Assert.Throws<BackendException>(() => IdentityStore.Open(State));
    }

    [Fact]
    public void A_key_follows_links_to_the_file()
    {
        string file = _folder.File("disk", 512);
        string link = Path.Combine(_folder.Path, "link");
        File.CreateSymbolicLink(link, file);
        Assert.Equal(file, IdentityKey.Of(NamespaceSpec.Parse(file)));
        Assert.Equal(file, IdentityKey.Of(NamespaceSpec.Parse(link + ",ro")));
        Assert.Equal("mem:1048576", IdentityKey.Of(NamespaceSpec.Parse("mem:1M,ro")));
    }
}
