using System.Text;
using ManagedNvmet.Backends.Stores;

namespace ManagedNvmet.Backends.Tests;

public sealed class FileDocumentStoreTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("managed-nvmet-store-");

    private string FilePath => Path.Combine(_folder.FullName, "document");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_document_that_does_not_exist_is_created_for_its_owner_alone()
    {
        var store = new FileDocumentStore(FilePath, OwnerOnly);

        StoredDocument before = store.Read();
        string? version = store.TryWrite("one"u8, before.Version);

        Assert.False(before.Exists);
        Assert.Equal(version, store.Read().Version);
        Assert.Equal("one", File.ReadAllText(FilePath));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(FilePath));
    }

    [Fact]
    public void A_write_that_expects_another_version_writes_nothing()
    {
        var store = new FileDocumentStore(FilePath, OwnerOnly);
        string first = store.TryWrite("one"u8, StoredDocument.Missing)!;
        string second = store.TryWrite("two"u8, first)!;

        string? late = store.TryWrite("three"u8, first);
        string? created = store.TryWrite("three"u8, StoredDocument.Missing);

        Assert.Null(late);
        Assert.Null(created);
        Assert.Equal(second, store.Read().Version);
        Assert.Equal("two", Encoding.UTF8.GetString(store.Read().Content.Span));
    }

    [Fact]
    public void A_change_or_a_removal_by_another_program_is_noticed()
    {
        var store = new FileDocumentStore(FilePath, OwnerOnly);
        string version = store.TryWrite("one"u8, StoredDocument.Missing)!;

        File.WriteAllText(FilePath, "edited");
        string? overEdit = store.TryWrite("two"u8, version);
        File.Delete(FilePath);
        string? overNothing = store.TryWrite("two"u8, version);

        Assert.Null(overEdit);
        Assert.Null(overNothing);
        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public void The_mode_of_the_file_and_a_link_to_it_stay()
    {
        string real = Path.Combine(_folder.FullName, "real");
        File.WriteAllText(real, "one");
        File.SetUnixFileMode(real, OwnerOnly | UnixFileMode.GroupRead);
        File.CreateSymbolicLink(FilePath, real);
        var store = new FileDocumentStore(FilePath, OwnerOnly);

        Assert.NotNull(store.TryWrite("two"u8, store.Read().Version));

        Assert.Equal(real, new FileInfo(FilePath).LinkTarget);
        Assert.Equal("two", File.ReadAllText(real));
        Assert.Equal(OwnerOnly | UnixFileMode.GroupRead, File.GetUnixFileMode(real));
    }

    [Fact]
    public async Task Of_many_writers_that_read_one_version_exactly_one_writes()
    {
        var store = new FileDocumentStore(FilePath, OwnerOnly);
        string version = store.TryWrite("start"u8, StoredDocument.Missing)!;

        string?[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(number =>
            Task.Run(() => store.TryWrite(Encoding.UTF8.GetBytes($"writer {number}"), version))));

        Assert.Single(results, result => result is not null);
    }
}
