namespace ManagedNvmet.Io.Disks;

/// <summary>The system call behind a <see cref="DiskOperation"/>.</summary>
internal enum DiskOperationKind : byte
{
    Read,
    Write,
    WriteDurable,
    Sync,
    SyncData,
    Fallocate,
    DeviceDiscard,
    DeviceZeroOut,
}
