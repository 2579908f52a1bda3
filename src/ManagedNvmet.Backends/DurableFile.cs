using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Backends;

/// <summary>Writes small files that must not be lost or half written.</summary>
public static class DurableFile
{
    /// <summary>Suffix of the temporary file.</summary>
    public const string TemporarySuffix = ".new";

    /// <summary>Replaces a file as a whole: a temporary file, fsync, rename, fsync of the folder. After a crash at any moment the old or
    /// the new content is there.</summary>
    /// <exception cref="IOException">It cannot be written, and the old file is as it was. One exception: when only the last step fails, the
    /// new content is in place, and a power failure may bring the old one back; the message says so.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written, and the old file is as it was.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        string full = Path.GetFullPath(path);
        string temporary = full + TemporarySuffix;
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode };
        using (var stream = new FileStream(temporary, options))
        {
            // The umask may have cleared permission bits.
            File.SetUnixFileMode(stream.SafeFileHandle, mode);
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        // Opened before the rename: a folder that cannot be opened leaves the old file in place.
        string folder = Path.GetDirectoryName(full)!;
        int fd = NativeFile.Open(folder, NativeFile.ReadOnly | NativeFile.DirectoryOnly);
        try
        {
            if (fd < 0)
                throw new SystemCallException($"open {folder}", -fd);
            File.Move(temporary, full, overwrite: true);

            // Some file systems cannot sync a folder; their names are durable by other means, or not at all.
            int result = NativeFile.Sync(fd);
            if (result < 0 && result != -Errno.EINVAL)
            {
                throw new IOException($"{full} has its new content, but {folder} could not be synced ({NativeFile.Explain(-result)}): a "
                    + "power failure may bring the old content back.");
            }
        }
        finally
        {
            // Gone when it was renamed.
            File.Delete(temporary);
            if (fd >= 0)
                NativeFile.Close(fd);
        }
    }
}
