namespace ManagedNvmet.Backends;

/// <summary>What the kernel says about a file.</summary>
internal readonly struct FileStatus
{
    private const int TypeMask = 0xF000;

    public int Mode { get; init; }

    public uint UserId { get; init; }

    public uint GroupId { get; init; }

    public ulong Inode { get; init; }

    public long SizeBytes { get; init; }

    /// <summary>Bytes by which the file system likes to be written.</summary>
    public int PreferredBytes { get; init; }

    /// <summary>Device number of a device file.</summary>
    public uint DeviceMajor { get; init; }

    /// <summary>Device number of a device file.</summary>
    public uint DeviceMinor { get; init; }

    /// <summary>Device number of the file system that the file lies on.</summary>
    public uint FileSystemMajor { get; init; }

    /// <summary>Device number of the file system that the file lies on.</summary>
    public uint FileSystemMinor { get; init; }

    /// <summary>The two alignments are known; both are 0 where direct I/O is not supported.</summary>
    public bool HasDirectAlignment { get; init; }

    public uint DirectMemoryAlignment { get; init; }

    public uint DirectOffsetAlignment { get; init; }

    /// <summary>True when both are of the same file.</summary>
    public bool IsSameFile(FileStatus other) =>
        Inode == other.Inode && FileSystemMajor == other.FileSystemMajor && FileSystemMinor == other.FileSystemMinor;

    public bool IsRegularFile => (Mode & TypeMask) == 0x8000;

    public bool IsBlockDevice => (Mode & TypeMask) == 0x6000;

    public bool IsFolder => (Mode & TypeMask) == 0x4000;
}
