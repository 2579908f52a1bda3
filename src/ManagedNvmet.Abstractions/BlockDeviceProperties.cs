namespace ManagedNvmet;

/// <summary>Size, block size and capabilities of a <see cref="BlockDevice"/>. They do not change while the device is served, except
/// for <see cref="BlockCount"/>, which may grow.</summary>
public sealed record BlockDeviceProperties
{
    /// <summary>Smallest supported logical block size in bytes.</summary>
    public const int MinBlockSize = 512;

    /// <summary>Largest supported logical block size in bytes. The Linux host accepts no larger one.</summary>
    public const int MaxBlockSize = 4096;

    /// <summary>Size of a logical block in bytes: a power of two, 512 to 4096.</summary>
    public required int BlockSize { get; init; }

    /// <summary>Number of logical blocks, at least 1.</summary>
    public required ulong BlockCount { get; init; }

    /// <summary>Smallest number of bytes that the medium writes without a read-modify-write: a power of two, at least
    /// <see cref="BlockSize"/>. 0 means the same as <see cref="BlockSize"/>.</summary>
    public int PhysicalBlockSize { get; init; }

    /// <summary>True when no command may change the contents. The target then submits none that would.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>True when a power failure can lose a completed write that neither a Flush nor Force Unit Access has made durable. A
    /// device with such a cache must set it: hosts send Flush commands only if it is true.</summary>
    public bool HasVolatileCache { get; init; }

    /// <summary>What the device can do beyond reading, writing and flushing.</summary>
    public BlockDeviceCapabilities Capabilities { get; init; }

    /// <summary>Smallest number of bytes that the device deallocates; it ignores smaller ranges. 0 means <see cref="BlockSize"/>.</summary>
    public int DeallocateGranularity { get; init; }

    /// <summary>The size in bytes: <see cref="BlockSize"/> × <see cref="BlockCount"/>.</summary>
    public ulong SizeBytes => (ulong)BlockSize * BlockCount;

    /// <summary>True when the device has all of these capabilities.</summary>
    public bool Has(BlockDeviceCapabilities capabilities) => (Capabilities & capabilities) == capabilities;

    /// <summary>Returns a description of the first invalid value, or null when all are valid.</summary>
    public string? Validate()
    {
        if (BlockSize < MinBlockSize || BlockSize > MaxBlockSize || !int.IsPow2(BlockSize))
            return $"the block size is {BlockSize}, expected 512, 1024, 2048 or 4096";
        if (BlockCount == 0)
            return "the device has no blocks";
        if (BlockCount > ulong.MaxValue / (ulong)BlockSize)
            return $"{BlockCount} blocks of {BlockSize} bytes are more than 2^64 bytes";
        if (PhysicalBlockSize != 0 && (PhysicalBlockSize < BlockSize || !int.IsPow2(PhysicalBlockSize)))
        {
            return $"the physical block size is {PhysicalBlockSize}, expected a power of two that is at least the block size, "
                + $"{BlockSize}";
        }
        return null;
    }
}
