namespace ManagedNvmet.Configuration.Tests;

/// <summary>A temporary folder. Disposal deletes it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("managed-nvmet-configuration-").FullName;

    /// <summary>Creates a sparse file and returns its path.</summary>
    public string MakeFile(string name, long bytes = 1 << 20)
    {
        string path = System.IO.Path.Combine(Path, name);
        using FileStream file = File.Create(path);
        file.SetLength(bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
