using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Backends;

/// <summary>Writes small files that must not be lost or half written.</summary>
public static class DurableFile
{
    /// <summary>What stands behind the name of a file that is being written.</summary>
    public const string TemporarySuffix = ".new";

    /// <summary>Replaces a file as a whole: a temporary file, fsync, rename, fsync of the folder. After a crash at any moment the old or the
    /// new content is there.</summary>
    /// <exception cref="IOException">It cannot be written; the old file is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        string full = Path.GetFullPath(path);
        string temporary = full + TemporarySuffix;
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode };
        using (var stream = new FileStream(temporary, options))
        {
            // The mask of the process may have taken rights away.
            File.SetUnixFileMode(stream.SafeFileHandle, mode);
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, full, overwrite: true);
        SyncFolder(Path.GetDirectoryName(full)!);
    }

    // The new name is durable only when the folder is.
    private static void SyncFolder(string folder)
    {
        int fd = NativeFile.Open(folder, NativeFile.ReadOnly | NativeFile.DirectoryOnly);
        if (fd < 0)
            throw new SystemCallException($"open {folder}", -fd);
        int result = NativeFile.Sync(fd);
        NativeFile.Close(fd);
        if (result < 0)
            throw new SystemCallException($"fsync {folder}", -result);
    }
}
