using System.Globalization;

namespace ManagedNvmet.Backends;

/// <summary>Finds out who uses a file or block device, for messages.</summary>
internal static class DeviceUsers
{
    /// <summary>Who holds a block device, as a clause that ends a sentence; empty when that cannot be told.</summary>
    public static string OfBlockDevice(string path, uint major, uint minor)
    {
        string real = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        foreach (string line in Lines("/proc/self/mounts"))
        {
            string[] fields = line.Split(' ');
            if (fields.Length > 1 && fields[0].StartsWith('/') && Resolve(fields[0]) == real)
                return $"mounted at {fields[1]}";
        }
        string holders = $"/sys/dev/block/{major}:{minor}/holders";
        if (Directory.Exists(holders))
        {
            string names = string.Join(", ", Directory.EnumerateFileSystemEntries(holders).Select(Path.GetFileName).Order());
            if (names.Length != 0)
                return $"held by {names}";
        }
        return "held by another program or by the kernel";
    }

    /// <summary>The loop device that uses a file, as a clause that ends a sentence; null when none does.</summary>
    /// <param name="file">The file.</param>
    /// <param name="countsReaders">True when a loop device that only reads counts, too.</param>
    public static string? LoopDeviceOf(FileStatus file, bool countsReaders)
    {
        if (!Directory.Exists("/sys/block"))
            return null;
        foreach (string device in Directory.EnumerateFileSystemEntries("/sys/block", "loop*"))
        {
            if (Lines($"{device}/loop/backing_file") is not [{ } backing, ..] || NativeFile.Stat(-1, backing, out FileStatus used) < 0
                || !used.IsSameFile(file))
            {
                continue;
            }
            if (!countsReaders && Lines($"{device}/ro") is ["1", ..])
                continue;
            string name = $"/dev/{Path.GetFileName(device)}";
            string? mount = Lines("/proc/self/mounts").Select(line => line.Split(' '))
                .FirstOrDefault(fields =>
                    fields.Length > 1 && (fields[0] == name || fields[0].StartsWith($"{name}p", StringComparison.Ordinal)))?[1];
            return $"the file of the loop device {name}{(mount is null ? "" : $", mounted at {mount}")}";
        }
        return null;
    }

    /// <summary>Which other process has a file open for writing, as a clause that ends a sentence.</summary>
    public static string WriterOf(FileStatus file)
    {
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            string id = Path.GetFileName(process);
            if (id != Environment.ProcessId.ToString(CultureInfo.InvariantCulture) && HasOpenForWriting(process, file))
                return $"open for writing in process {id}{NameOf(id)}";
        }
        return "open for writing in another process, or used by the kernel";
    }

    private static bool HasOpenForWriting(string process, FileStatus file)
    {
        try
        {
            foreach (string descriptor in Directory.EnumerateFileSystemEntries($"{process}/fd"))
            {
                if (NativeFile.Stat(-1, descriptor, out FileStatus open) < 0 || !open.IsSameFile(file))
                    continue;

                // "flags:	0100002": octal, with the access mode in the last two bits.
                string? flags = Lines($"{process}/fdinfo/{Path.GetFileName(descriptor)}")
                    .FirstOrDefault(line => line.StartsWith("flags:", StringComparison.Ordinal))?.Trim();
                if (flags is { Length: > 0 } && ((flags[^1] - '0') & 3) != 0)
                    return true;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process has ended, or is another user's.
        }
        return false;
    }

    /// <summary>Which process has locked a file.</summary>
    public static string OfFile(FileStatus status)
    {
        // "1: FLOCK  ADVISORY  WRITE 1234 fd:01:5678 0 EOF": the process, and the device and inode of the file.
        string inode = ":" + status.Inode.ToString(CultureInfo.InvariantCulture);
        foreach (string line in Lines("/proc/locks"))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 5 && fields[1] == "FLOCK" && fields[5].EndsWith(inode, StringComparison.Ordinal))
                return $"locked by process {fields[4]}{NameOf(fields[4])}";
        }
        return "locked by another process";
    }

    private static string NameOf(string process)
    {
        string name = Lines($"/proc/{process}/comm").FirstOrDefault("").Trim();
        return name.Length == 0 ? "" : $" ({name})";
    }

    private static string Resolve(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (IOException)
        {
            return path;
        }
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
