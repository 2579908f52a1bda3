using ManagedNvmet.Io.Disks;

namespace ManagedNvmet.Io.Loop;

/// <summary>Settings of one <see cref="Shard"/>.</summary>
public sealed record ShardOptions
{
    /// <summary>Longest <see cref="SpinMicroseconds"/>: a thread that spins for longer than it takes to wake up gains nothing.</summary>
    public const int MaxSpinMicroseconds = 1000;

    /// <summary>Number of the shard, from 0; its thread is called "shard-N".</summary>
    public int Index { get; init; }

    /// <summary>Bytes of the receive buffer that all the connections of the shard share. A larger buffer makes writes cheaper: one call
    /// receives many capsules.</summary>
    public int ReceiveBufferBytes { get; init; } = 256 * 1024;

    /// <summary>Bytes for the data of I/O commands. The system commits only what the load needs, in pieces of 2 MiB where there are huge
    /// pages.</summary>
    public int BufferBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Bytes for the data of admin commands; I/O commands cannot use them.</summary>
    public int AdminBufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Largest single buffer in bytes, a power of two: the largest transfer.</summary>
    public int MaxBufferBytes { get; init; } = 1024 * 1024;

    /// <summary>How disk operations are made.</summary>
    public DiskEngine Disk { get; init; } = DiskEngine.Auto;

    /// <summary>Disk operations in the kernel at a time, 1 to 16384; further ones wait in the process.</summary>
    public int DiskDepth { get; init; } = 512;

    /// <summary>Registers the memory of I/O buffers with io_uring when it is first used, which makes transfers cheaper. It counts as locked
    /// memory (RLIMIT_MEMLOCK); where the kernel refuses, transfers use unregistered memory.</summary>
    public bool RegistersBuffers { get; init; } = true;

    /// <summary>Threads for blocking disk operations, 1 to 64, started when first needed. With io_uring few operations need
    /// them.</summary>
    public int DiskWorkers { get; init; } = 4;

    /// <summary>Longest time in microseconds that the loop spins before it sleeps, 0 to <see cref="MaxSpinMicroseconds"/>. Spinning
    /// shortens the latency at low queue depth. The loop spins only while that often finds work, so an idle shard uses no processor time
    /// whatever the value.</summary>
    public int SpinMicroseconds { get; init; }

    /// <summary>Milliseconds that a stop waits for outstanding disk operations.</summary>
    public int StopTimeoutMilliseconds { get; init; } = 10_000;

    /// <summary>Called on the shard's thread with an exception that a handler has thrown; the loop goes on. When null, the exception is
    /// logged.</summary>
    public Action<Exception>? OnUnhandled { get; init; }
}
