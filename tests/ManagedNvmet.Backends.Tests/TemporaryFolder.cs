namespace ManagedNvmet.Backends.Tests;

/// <summary>A folder for one test, on the disk that holds the tests: the folder for temporary files may be memory.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder()
    {
        Path = System.IO.Path.Combine(AppContext.BaseDirectory, $"test-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public string File(string name, long length)
    {
        string path = System.IO.Path.Combine(Path, name);
        using FileStream stream = System.IO.File.Create(path);
        stream.SetLength(length);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
