namespace ManagedNvmet.Comparison.Bars;

/// <summary>The metrics of a measurement.</summary>
public enum Metric
{
    /// <summary>Commands per second.</summary>
    Iops,

    /// <summary>Bytes of data per second.</summary>
    BytesPerSecond,

    /// <summary>CPU time of the server per command, in µs. For a server that polls, only the share of polls that found work
    /// counts.</summary>
    CpuPerIo,

    /// <summary>Commands per second of the server's CPU time.</summary>
    IosPerCpuSecond,

    /// <summary>Mean latency in µs.</summary>
    MeanLatency,

    /// <summary>99th percentile of the latency in µs.</summary>
    P99Latency,

    /// <summary>99.9th percentile of the latency, divided by the 50th.</summary>
    TailFactor,

    /// <summary>Commands per second of the fastest connection, divided by those of the slowest one.</summary>
    Unfairness,

    /// <summary>Bytes that the managed runtime allocates per command.</summary>
    AllocatedPerIo,

    /// <summary>Number of generation 0 garbage collections during the measurement.</summary>
    Collections,

    /// <summary>CPU time of the idle server, in percent of one processor.</summary>
    IdleCpuPercent,

    /// <summary>Resident memory in MiB.</summary>
    ResidentMebibytes,

    /// <summary>Resident memory in MiB that additional idle connections need.</summary>
    AddedMebibytes,

    /// <summary>Time from the start of the process to the first accepted Connect command, in milliseconds.</summary>
    StartMilliseconds,
}
