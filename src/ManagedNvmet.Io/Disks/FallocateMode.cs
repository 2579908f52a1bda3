namespace ManagedNvmet.Io.Disks;

/// <summary>Mode of a fallocate, with the values of the kernel's FALLOC_FL constants.</summary>
[Flags]
public enum FallocateMode
{
    /// <summary>Allocate, and grow the file when the range lies beyond its end.</summary>
    None = 0,

    /// <summary>Leave the size of the file as it is.</summary>
    KeepSize = 0x01,

    /// <summary>Deallocate; needs <see cref="KeepSize"/>.</summary>
    PunchHole = 0x02,

    /// <summary>Make the range read as zeros.</summary>
    ZeroRange = 0x10,
}
