namespace ManagedNvmet.Reports;

/// <summary>One thread that carries connections.</summary>
/// <param name="Index">Its number, from 0.</param>
/// <param name="BufferBytesInUse">Bytes of data buffers that commands hold.</param>
/// <param name="BufferBytesLimit">The most they may hold.</param>
/// <param name="Rounds">Rounds of the loop since the start.</param>
/// <param name="Sleeps">Times that the loop went to sleep since the start.</param>
/// <param name="BusyMicroseconds">Time since the start in which the loop had work.</param>
/// <param name="SpinMicroseconds">Time since the start in which it looked for work in vain instead of sleeping.</param>
/// <param name="IsShortOfBuffers">Commands wait for a data buffer.</param>
/// <param name="BufferWaiters">Connections with commands that wait for a data buffer.</param>
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
