namespace ManagedNvmet.Io;

/// <summary>Sizes and choices of one <see cref="Shard"/>.</summary>
public sealed record ShardOptions
{
    /// <summary>Most bytes of data that come with a command.</summary>
    public const int MaxCapsuleBytes = 64 * 1024;

    /// <summary>Number of the shard, from 0; its thread is called "shard-N".</summary>
    public int Index { get; init; }

    /// <summary>Bytes of the receive buffer that all the connections of the shard share. A larger one makes writes cheaper: many
    /// capsules a call.</summary>
    public int ReceiveBufferBytes { get; init; } = 256 * 1024;

    /// <summary>Bytes for the data of I/O commands. Only what the load needs is ever committed.</summary>
    public int BufferBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Bytes for the data of admin commands, a reserve of their own.</summary>
    public int AdminBufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Bytes for data that comes with its command, a reserve for when <see cref="BufferBytes"/> is exhausted; at least
    /// <see cref="MaxCapsuleBytes"/>. One would do to keep things moving; sixteen keep a shortage from becoming slow.</summary>
    public int CapsuleBufferBytes { get; init; } = 16 * MaxCapsuleBytes;

    /// <summary>Largest single buffer in bytes, a power of two: the largest transfer.</summary>
    public int MaxBufferBytes { get; init; } = 1024 * 1024;

    /// <summary>Which half carries disk operations.</summary>
    public DiskEngine Disk { get; init; } = DiskEngine.Auto;

    /// <summary>Disk operations that the kernel has at a time, 1 to 16384; more wait in the process.</summary>
    public int DiskDepth { get; init; } = 512;

    /// <summary>Threads for blocking disk operations, 1 to 64, started when first needed. With io_uring few operations need
    /// them.</summary>
    public int DiskWorkers { get; init; } = 4;

    /// <summary>Microseconds that the loop looks for more work before it sleeps, 0 for never. Shortens the answer at low depth; an idle
    /// shard uses no processor time whatever the value.</summary>
    public int SpinMicroseconds { get; init; }

    /// <summary>Milliseconds that a stop waits for outstanding disk operations.</summary>
    public int StopTimeoutMilliseconds { get; init; } = 10_000;

    /// <summary>Told, on the shard's thread, of an exception out of a handler; the loop goes on. Logged when null.</summary>
    public Action<Exception>? OnUnhandled { get; init; }
}
