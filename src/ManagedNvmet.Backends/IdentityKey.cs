namespace ManagedNvmet.Backends;

/// <summary>The name under which the identity of a namespace is kept.</summary>
public static class IdentityKey
{
    // Names that belong to the device, from the most telling.
    private static readonly string[] StableNames = ["wwn-", "nvme-eui.", "dm-uuid-", "md-uuid-", "scsi-", "ata-", "virtio-", ""];

    /// <summary>For a block device a name that it keeps over restarts (/dev/disk/by-id, /dev/zvol, /dev/mapper) where it has one, for a
    /// file its full path, otherwise the text before the options.</summary>
    public static string Of(NamespaceSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Kind != NamespaceKind.File)
            return $"{(spec.Kind == NamespaceKind.Memory ? "mem" : "null")}:{spec.SizeBytes}";
        string full = Path.GetFullPath(spec.Path);
        string real = Resolve(full);
        if (NativeFile.Stat(-1, real, out FileStatus status) < 0 || !status.IsBlockDevice)
            return real;
        if (full.StartsWith("/dev/zvol/", StringComparison.Ordinal) || full.StartsWith("/dev/mapper/", StringComparison.Ordinal))
            return full;
        return StableNameOf(real) ?? real;
    }

    private static string? StableNameOf(string device)
    {
        const string Folder = "/dev/disk/by-id";
        if (!Directory.Exists(Folder))
            return null;
        var names = Directory.EnumerateFiles(Folder).Where(link => Resolve(link) == device).Order(StringComparer.Ordinal).ToList();
        foreach (string prefix in StableNames)
        {
            string? name = names.Find(link => Path.GetFileName(link).StartsWith(prefix, StringComparison.Ordinal));
            if (name is not null)
                return name;
        }
        return null;
    }

    private static string Resolve(string path)
    {
        try
        {
            // A link may also be one of the folders on the way; what the kernel calls the open file is free of both.
            int fd = NativeFile.Open(path, NativeFile.PathOnly);
            if (fd < 0)
                return path;
            try
            {
                return File.ResolveLinkTarget($"/proc/self/fd/{fd}", returnFinalTarget: false)?.FullName ?? path;
            }
            finally
            {
                NativeFile.Close(fd);
            }
        }
        catch (IOException)
        {
            return path;
        }
    }
}
