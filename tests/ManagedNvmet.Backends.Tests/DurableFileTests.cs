namespace ManagedNvmet.Backends.Tests;

public sealed class DurableFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "file");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_replaced_as_a_whole_with_the_mode_that_was_asked_for()
    {
        System.IO.File.WriteAllText(File, "old and longer");
        DurableFile.Write(File, "new"u8, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);
        Assert.Equal("new", System.IO.File.ReadAllText(File));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal([File], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_name_that_cannot_be_replaced_keeps_what_it_has_and_leaves_no_temporary_file()
    {
        Directory.CreateDirectory(Path.Combine(File, "inside"));
        Assert.ThrowsAny<Exception>(() => DurableFile.Write(File, "new"u8, UnixFileMode.UserRead));
        Assert.True(Directory.Exists(Path.Combine(File, "inside")));
        Assert.Equal([File], Directory.GetFileSystemEntries(_folder.Path));
    }
}
