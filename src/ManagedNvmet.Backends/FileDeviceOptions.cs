namespace ManagedNvmet.Backends;

/// <summary>Options for opening a <see cref="FileDevice"/>.</summary>
public sealed record FileDeviceOptions
{
    /// <summary>Path of a regular file or a block device.</summary>
    public required string Path { get; init; }

    /// <summary>True to open the file for reading only. The namespace is then write protected.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Size of a logical block in bytes: 512, 1024, 2048 or 4096. Null for the size that a block device reports, and for 512 with
    /// a file.</summary>
    public int? BlockSize { get; init; }

    /// <summary>True to use the page cache, even where direct I/O works.</summary>
    public bool IsBuffered { get; init; }

    /// <summary>True to serve the file although something else uses it. Two writers destroy a file system.</summary>
    public bool IsForced { get; init; }

    /// <summary>Size in bytes of the file to create when it does not exist; null to create none.</summary>
    public long? CreateBytes { get; init; }
}
