namespace ManagedNvmet.LoadGenerator;

/// <summary>The load as its result names it.</summary>
public sealed record LoadDescription
{
    /// <summary>closed or open.</summary>
    public required string Mode { get; init; }

    /// <summary>Commands a second that were asked for, or null in a closed loop.</summary>
    public required double? Rate { get; init; }

    /// <summary>Reads of 100 commands.</summary>
    public required int ReadPercent { get; init; }

    /// <summary>random or sequential.</summary>
    public required string Pattern { get; init; }

    /// <summary>Bytes of a command.</summary>
    public required int TransferBytes { get; init; }

    /// <summary>Commands in flight on each queue.</summary>
    public required int QueueDepth { get; init; }

    /// <summary>I/O queues.</summary>
    public required int Queues { get; init; }

    /// <summary>Threads of the tool.</summary>
    public required int Shards { get; init; }

    /// <summary>Header digests were in force.</summary>
    public required bool HeaderDigest { get; init; }

    /// <summary>Data digests were in force.</summary>
    public required bool DataDigest { get; init; }

    /// <summary>Contents were verified.</summary>
    public required bool Verify { get; init; }

    /// <summary>Seconds that were measured.</summary>
    public required double Seconds { get; init; }

    /// <summary>When the measured time was over, by the clock of this machine.</summary>
    public DateTimeOffset? MeasuredUntil { get; init; }

    /// <summary>Seconds of load before that.</summary>
    public required double WarmUpSeconds { get; init; }

    /// <summary>The tool polled.</summary>
    public required bool Spin { get; init; }

    /// <summary>Bytes of the namespace that were used.</summary>
    public required ulong RangeBytes { get; init; }
}
