namespace ManagedNvmet.Tracing;

/// <summary>The numbers that bound a trace. One home, each with its unit and reason.</summary>
public static class TraceLimits
{
    /// <summary>Traces at a time: one that runs for long, and one beside it to look at something. Each costs a copy of every PDU.</summary>
    public const int MaxTraces = 2;

    /// <summary>Bytes that a shard may be ahead of the reader of a trace; what comes then is counted and lost. Some 20 ms of a shard that
    /// does nothing but 4 KiB reads, traced without payload; it is emptied every 10 ms. A power of two.</summary>
    public const int RingBytes = 4 << 20;

    /// <summary>Most bytes of payload that are kept of a PDU: half of the largest packet of IPv4, so that a frame is never a large part of
    /// a ring.</summary>
    public const int MaxDataBytes = 32 * 1024;

    /// <summary>Bytes of a trace that nobody gave another size: small enough for any disk and for Wireshark.</summary>
    public const long DefaultMaxBytes = 64 << 20;

    /// <summary>The least size of a trace in bytes: what stands before the first frame and behind the last one has room.</summary>
    public const long MinMaxBytes = 4096;

    /// <summary>Different names or numbers of commands that a trace may be limited to: more than there are commands.</summary>
    public const int MaxOpcodes = 64;

    /// <summary>How often what was traced is handed to the reader.</summary>
    public static readonly TimeSpan DrainInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>How often the reader is told what was seen and lost.</summary>
    public static readonly TimeSpan StatisticsInterval = TimeSpan.FromSeconds(1);
}
