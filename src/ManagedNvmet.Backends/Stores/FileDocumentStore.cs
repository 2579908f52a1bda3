using System.Security.Cryptography;

namespace ManagedNvmet.Backends.Stores;

/// <summary>Keeps a document in a file of its own. The version is a hash of the content, so a change by any other program is
/// noticed.</summary>
/// <remarks>The mode of a file that exists is preserved, and a symbolic link stays: its target is replaced. Another program can still
/// replace the file between the comparison and the rename; whoever shares a file between servers needs a lock of their own.</remarks>
public sealed class FileDocumentStore : IDocumentStore
{
    /// <summary>Largest file that is read, in bytes: a target of 10 000 namespaces needs about 8 MiB.</summary>
    public const int MaxBytes = 256 * 1024 * 1024;

    private const UnixFileMode OfOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly Lock _gate = new();
    private readonly UnixFileMode _mode;

    /// <param name="path">The file.</param>
    /// <param name="mode">The mode of a file that is created.</param>
    public FileDocumentStore(string path, UnixFileMode mode)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Name = path;
        _mode = mode;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The version that a store gives a content.</summary>
    public static string VersionOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <inheritdoc/>
    public StoredDocument Read()
    {
        if (!File.Exists(Name))
            return new StoredDocument(default, StoredDocument.Missing);
        using var file = new FileStream(Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length > MaxBytes)
            throw new IOException($"It has {file.Length} bytes, expected at most {MaxBytes}.");
        bool isPrivate = (File.GetUnixFileMode(file.SafeFileHandle) & ~OfOwner) == 0;
        byte[] content = new byte[file.Length];
        file.ReadExactly(content);
        return new StoredDocument(content, VersionOf(content), isPrivate);
    }

    /// <inheritdoc/>
    public string? TryWrite(ReadOnlySpan<byte> content, string expectedVersion)
    {
        lock (_gate)
        {
            StoredDocument present = Read();
            if (present.Version != expectedVersion)
                return null;
            string real = present.Exists ? File.ResolveLinkTarget(Name, returnFinalTarget: true)?.FullName ?? Name : Name;
            DurableFile.Write(real, content, present.Exists ? File.GetUnixFileMode(real) : _mode);
            return VersionOf(content);
        }
    }
}
