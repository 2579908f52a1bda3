namespace ManagedNvmet.Tracing;

/// <summary>The limits of traces.</summary>
public static class TraceLimits
{
    /// <summary>Maximum number of concurrent traces: one that runs for a long time and one for a short look. Each copies every
    /// PDU.</summary>
    public const int MaxTraces = 2;

    /// <summary>Size of the ring from a shard to the reader of a trace in bytes, a power of two. When it is full, frames are lost and
    /// counted. It holds about 20 ms of 4 KiB reads without payload, and is emptied every 10 ms.</summary>
    public const int RingBytes = 4 << 20;

    /// <summary>Maximum number of recorded payload bytes per PDU: half of the largest IPv4 packet, so that a frame is never a large part of
    /// the ring.</summary>
    public const int MaxDataBytes = 32 * 1024;

    /// <summary>Default maximum size of a trace in bytes, which suits any disk and Wireshark.</summary>
    public const long DefaultMaxBytes = 64 << 20;

    /// <summary>Minimum of the maximum size of a trace in bytes: enough for the blocks before the first frame and after the last
    /// one.</summary>
    public const long MinMaxBytes = 4096;

    /// <summary>Maximum number of commands in the filter of a trace; more than there are commands.</summary>
    public const int MaxOpcodes = 64;

    /// <summary>Interval at which recorded frames are written to the reader.</summary>
    public static readonly TimeSpan DrainInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>Interval of the statistics blocks with the numbers of seen and lost packets.</summary>
    public static readonly TimeSpan StatisticsInterval = TimeSpan.FromSeconds(1);
}
