namespace ManagedNvmet.Configuration.Tests;

/// <summary>A folder that is gone at the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("managed-nvmet-configuration-").FullName;

    /// <summary>A sparse file.</summary>
    public string MakeFile(string name, long bytes = 1 << 20)
    {
        string path = System.IO.Path.Combine(Path, name);
        using FileStream file = File.Create(path);
        file.SetLength(bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
