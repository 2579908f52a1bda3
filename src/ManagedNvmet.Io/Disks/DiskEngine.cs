namespace ManagedNvmet.Io.Disks;

/// <summary>Which half carries disk operations.</summary>
public enum DiskEngine
{
    /// <summary>io_uring where the kernel allows it, worker threads elsewhere.</summary>
    Auto,

    /// <summary>io_uring, or an error at the start.</summary>
    Uring,

    /// <summary>Worker threads with preadv2 and pwritev2. The shard makes no io_uring then, for its sockets either.</summary>
    Workers,
}
