namespace ManagedNvmet.Comparison.Bars;

/// <summary>What is measured of a contestant.</summary>
public enum Metric
{
    /// <summary>Commands a second.</summary>
    Iops,

    /// <summary>Bytes of data a second.</summary>
    BytesPerSecond,

    /// <summary>Processor time of the server a command, in microseconds; of a server that polls, only that of passes that did work.</summary>
    CpuPerIo,

    /// <summary>Commands that one second of the server's processor time pays for.</summary>
    IosPerCpuSecond,

    /// <summary>Mean latency in microseconds.</summary>
    MeanLatency,

    /// <summary>Latency that 99 of 100 commands stay below, in microseconds.</summary>
    P99Latency,

    /// <summary>The 99.9th percentile of latency over the 50th.</summary>
    TailFactor,

    /// <summary>The fastest connection over the slowest one, in commands a second.</summary>
    Unfairness,

    /// <summary>Bytes that the managed runtime allocated a command.</summary>
    AllocatedPerIo,

    /// <summary>Collections of generation 0 in the time measured.</summary>
    Collections,

    /// <summary>Percent of one processor.</summary>
    IdleCpuPercent,

    /// <summary>Resident memory in MiB.</summary>
    ResidentMebibytes,

    /// <summary>Resident memory in MiB that idle connections added.</summary>
    AddedMebibytes,

    /// <summary>Milliseconds from the start of the process to the first Connect that it accepted.</summary>
    StartMilliseconds,
}
