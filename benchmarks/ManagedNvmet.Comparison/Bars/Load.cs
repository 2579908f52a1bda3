namespace ManagedNvmet.Comparison.Bars;

/// <summary>Workload of reads and writes in a closed loop.</summary>
public sealed record Load : Work
{
    /// <summary>Size of a command in bytes.</summary>
    public int TransferBytes { get; init; } = 4096;

    /// <summary>Number of outstanding commands per connection.</summary>
    public required int Depth { get; init; }

    /// <summary>Number of connections. Each is an I/O queue.</summary>
    public int Connections { get; init; } = 1;

    /// <summary>Percentage of reads, 0 to 100.</summary>
    public int ReadPercent { get; init; } = 100;

    /// <summary>True for sequential addresses, false for random ones.</summary>
    public bool IsSequential { get; init; }

    /// <summary>True for header and data digests.</summary>
    public bool HasDigests { get; init; }

    /// <inheritdoc/>
    public override string Text
    {
        get
        {
            string direction = ReadPercent switch { 100 => "read", 0 => "write", _ => $"{ReadPercent}/{100 - ReadPercent} mix" };
            return $"{BackingText}, {TransferBytes / 1024} KiB {(IsSequential ? "sequential" : "random")} {direction}, QD {Depth}"
                + (Connections > 1 ? $" × {Connections} connections" : "")
                + (HasDigests ? ", digests" : "")
                + (IsSpinning ? ", spinning" : "");
        }
    }
}
