namespace ManagedNvmet.Backends.Identities;

/// <summary>Reads the names of an open file or block device.</summary>
/// <param name="sysfs">Where sysfs is mounted.</param>
/// <param name="devices">The folder of device files.</param>
internal sealed class DiskNameReader(string sysfs = "/sys", string devices = "/dev")
{
    // The links of udev that name the device most reliably come first; the empty prefix stands for all others.
    private static readonly string[] LinkPrefixes = ["wwn-", "nvme-eui.", "dm-uuid-", "md-uuid-", "scsi-", "ata-", "virtio-", ""];

    /// <summary>Text that is equal for two paths or descriptors of one disk, until the machine restarts.</summary>
    public static string DiskOf(FileStatus status) => status.IsBlockDevice
        ? $"block device {status.DeviceMajor}:{status.DeviceMinor}"
        : $"file {status.Inode} on {status.FileSystemMajor}:{status.FileSystemMinor}";

    /// <summary>Reads the names.</summary>
    /// <param name="fd">The open file or block device.</param>
    /// <param name="path">The path by which it was opened.</param>
    /// <param name="mayMark">True when a file without a UUID may get one.</param>
    /// <exception cref="BackendException">The UUID that the file carries is damaged.</exception>
    public DiskNames Read(int fd, string path, bool mayMark)
    {
        string full = Path.GetFullPath(path);
        string real = NativeFile.PathOf(fd) ?? full;
        if (NativeFile.Stat(fd, path, out FileStatus status) < 0 || !status.IsBlockDevice)
            return OfFile(fd, real, path, status, mayMark);
        string device = $"{sysfs}/dev/block/{status.DeviceMajor}:{status.DeviceMinor}";
        List<string> names = [];
        if (LinkTo(status) is { } link)
            names.Add(link);
        string suffix = "";
        string disk = device;
        if (Text($"{device}/partition") is { Length: > 0 } number)
        {
            suffix = $"-part{number}";
            disk = Path.GetDirectoryName(Resolve(device)) ?? device;
        }
        names.AddRange(OfDisk(disk, fd).Select(name => name + suffix));
        if (full.StartsWith("/dev/zvol/", StringComparison.Ordinal))
            names.Add(full);
        List<string> former = [real];
        if (full.StartsWith("/dev/mapper/", StringComparison.Ordinal))
            former.Insert(0, full);
        var found = new DiskNames
        {
            Lasting = [.. names.Distinct(StringComparer.Ordinal)],
            Fallback = real,
            Former = former,
            Place = path,
            Disk = DiskOf(status),
        };
        return Text($"{disk}/loop/backing_file") is { } backing ? OfLoop(found, disk, backing, suffix, mayMark) : found;
    }

    private static DiskNames OfFile(int fd, string real, string path, FileStatus status, bool mayMark)
    {
        Guid? mark = FileMark.ReadOrMake(fd, path, mayMark);
        return new DiskNames
        {
            Lasting = [mark is { } uuid ? $"file:{uuid}" : real],
            Fallback = real,
            Place = real,
            Disk = DiskOf(status),
            Carried = mark,
            File = real,
            FileDisk = DiskOf(status),
            Unmarked = mark is null ? null : real,
        };
    }

    private static List<string> OfDisk(string device, int fd)
    {
        List<string> names = [];
        foreach ((string kind, string file) in (ReadOnlySpan<(string, string)>)
            [
                ("wwid", "wwid"), ("wwid", "device/wwid"), ("serial", "serial"), ("cid", "device/cid"), ("dm-uuid", "dm/uuid"),
                ("md-uuid", "md/uuid"),
            ])
        {
            // A number that the maker left at zero names nothing.
            if (Text($"{device}/{file}") is { } text && text[(text.IndexOf('.', StringComparison.Ordinal) + 1)..].Any(c => c != '0'))
                names.Add($"{kind}:{string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries))}");
        }

        // A volume of the device mapper without UUID has the name that its owner chose.
        if (names.Count == 0 && Text($"{device}/dm/name") is { Length: > 0 } mapped)
            names.Add($"dm-name:{mapped}");
        if (NativeFile.VolumeNameOf(fd) is { } volume)
            names.Add($"/dev/zvol/{volume}");
        return names;
    }

    // A loop device is the disk that lies in its file.
    private static DiskNames OfLoop(DiskNames disk, string device, string backing, string suffix, bool mayMark)
    {
        if (backing.EndsWith(" (deleted)", StringComparison.Ordinal))
            return disk;
        string offset = Text($"{device}/loop/offset") ?? "0";
        string limit = Text($"{device}/loop/sizelimit") ?? "0";
        bool isPart = offset != "0" || limit != "0" || suffix.Length != 0;
        string part = (offset != "0" || limit != "0" ? $" offset {offset} size {limit}" : "") + suffix;
        string unmarked = $"loop:{backing}{part}";
        int fd = NativeFile.Open(backing, NativeFile.ReadOnly);
        if (fd < 0)
            return disk with { Lasting = [.. disk.Lasting, unmarked] };
        try
        {
            Guid? mark = FileMark.ReadOrMake(fd, backing, mayMark);
            NativeFile.Stat(fd, backing, out FileStatus status);
            return disk with
            {
                Lasting = [.. disk.Lasting, mark is { } uuid ? $"file:{uuid}{part}" : unmarked],
                Carried = isPart ? null : mark,
                File = backing,
                FileDisk = DiskOf(status),
                Unmarked = mark is null ? null : unmarked,
            };
        }
        finally
        {
            NativeFile.Close(fd);
        }
    }

    private string? LinkTo(FileStatus device)
    {
        string folder = $"{devices}/disk/by-id";
        if (!Directory.Exists(folder))
            return null;
        List<string> links =
            [.. Directory.EnumerateFileSystemEntries(folder).Where(link => IsOf(link, device)).Order(StringComparer.Ordinal)];
        foreach (string prefix in LinkPrefixes)
        {
            if (links.Find(link => Path.GetFileName(link).StartsWith(prefix, StringComparison.Ordinal)) is { } found)
                return $"/dev/disk/by-id/{Path.GetFileName(found)}";
        }
        return null;
    }

    private static bool IsOf(string link, FileStatus device) => NativeFile.Stat(-1, link, out FileStatus found) >= 0 && found.IsBlockDevice
        && found.DeviceMajor == device.DeviceMajor && found.DeviceMinor == device.DeviceMinor;

    private static string Resolve(string link) => Directory.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName ?? link;

    private static string? Text(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).Trim() is { Length: > 0 } text ? text : null : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
