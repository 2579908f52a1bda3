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
