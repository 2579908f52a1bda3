namespace ManagedNvmet.Backends.Tests;

/// <summary>A folder for one test, beside the test program. The system's temporary folder may be in memory, where O_DIRECT fails.</summary>
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
