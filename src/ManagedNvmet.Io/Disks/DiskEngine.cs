namespace ManagedNvmet.Io.Disks;

/// <summary>How a shard makes its disk operations.</summary>
public enum DiskEngine
{
    /// <summary>io_uring where the kernel allows it, worker threads elsewhere.</summary>
    Auto,

    /// <summary>io_uring, or an error at the start.</summary>
    Uring,

    /// <summary>Worker threads with preadv2 and pwritev2. The shard then uses no io_uring at all, not even for sockets.</summary>
    Workers,
}
