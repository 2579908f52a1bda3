namespace ManagedNvmet.Reports;

/// <summary>A shard: one thread that runs connections.</summary>
/// <param name="Index">Index of the shard, from 0.</param>
/// <param name="BufferBytesInUse">Bytes of the data buffers in use by commands.</param>
/// <param name="BufferBytesLimit">Maximum number of bytes of data buffers.</param>
/// <param name="Rounds">Number of rounds of the loop since the start.</param>
/// <param name="Sleeps">Number of times that the loop has slept since the start.</param>
/// <param name="BusyMicroseconds">Time since the start in which the loop had work, in µs.</param>
/// <param name="SpinMicroseconds">Time since the start in which the loop polled without finding work, in µs.</param>
/// <param name="IsShortOfBuffers">True while commands wait for a data buffer.</param>
/// <param name="BufferWaiters">Number of connections with commands that wait for a data buffer.</param>
public sealed record ShardReport(
    int Index,
    long BufferBytesInUse,
    long BufferBytesLimit,
    long Rounds,
    long Sleeps,
    long BusyMicroseconds,
    long SpinMicroseconds,
    bool IsShortOfBuffers,
    int BufferWaiters);
