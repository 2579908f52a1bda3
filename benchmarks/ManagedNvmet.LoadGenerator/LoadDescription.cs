namespace ManagedNvmet.LoadGenerator;

/// <summary>Description of the load in a result.</summary>
public sealed record LoadDescription
{
    /// <summary>Kind of loop: <c>closed</c> or <c>open</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Requested commands per second; null in a closed loop.</summary>
    public required double? Rate { get; init; }

    /// <summary>Percentage of reads, 0 to 100.</summary>
    public required int ReadPercent { get; init; }

    /// <summary>Addresses: <c>random</c> or <c>sequential</c>.</summary>
    public required string Pattern { get; init; }

    /// <summary>Size of a command in bytes.</summary>
    public required int TransferBytes { get; init; }

    /// <summary>Number of outstanding commands per queue.</summary>
    public required int QueueDepth { get; init; }

    /// <summary>Number of I/O queues.</summary>
    public required int Queues { get; init; }

    /// <summary>Number of threads of the tool.</summary>
    public required int Shards { get; init; }

    /// <summary>True when header digests were enabled.</summary>
    public required bool HeaderDigest { get; init; }

    /// <summary>True when data digests were enabled.</summary>
    public required bool DataDigest { get; init; }

    /// <summary>True when the data was checked.</summary>
    public required bool Verify { get; init; }

    /// <summary>Duration of the measurement in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>End of the measurement (UTC).</summary>
    public DateTimeOffset? MeasuredUntil { get; init; }

    /// <summary>Duration of the load before the measurement in seconds.</summary>
    public required double WarmUpSeconds { get; init; }

    /// <summary>True when the tool polled instead of sleeping.</summary>
    public required bool Spin { get; init; }

    /// <summary>Number of bytes of the namespace that the load used.</summary>
    public required ulong RangeBytes { get; init; }
}
