namespace ManagedNvmet.Backends;

/// <summary>How a <see cref="FileDevice"/> is opened.</summary>
public sealed record FileDeviceOptions
{
    /// <summary>A regular file or a block device.</summary>
    public required string Path { get; init; }

    /// <summary>Open for reading only; the namespace is write protected.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Bytes of a logical block: 512, 1024, 2048 or 4096. By default what a block device says, and 512 for a file.</summary>
    public int? BlockSize { get; init; }

    /// <summary>Go through the page cache, even where direct I/O works.</summary>
    public bool IsBuffered { get; init; }

    /// <summary>Serve it although something else uses it. Two writers destroy a file system.</summary>
    public bool IsForced { get; init; }

    /// <summary>Bytes of the file to make when there is none.</summary>
    public long? CreateBytes { get; init; }
}
