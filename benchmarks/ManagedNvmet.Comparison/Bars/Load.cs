namespace ManagedNvmet.Comparison.Bars;

/// <summary>A closed loop of reads and writes.</summary>
public sealed record Load : Work
{
    /// <summary>Bytes of a command.</summary>
    public int TransferBytes { get; init; } = 4096;

    /// <summary>Commands in flight on each connection.</summary>
    public required int Depth { get; init; }

    /// <summary>Connections, each an I/O queue.</summary>
    public int Connections { get; init; } = 1;

    /// <summary>Reads of 100 commands.</summary>
    public int ReadPercent { get; init; } = 100;

    /// <summary>One address after the other; else random ones.</summary>
    public bool IsSequential { get; init; }

    /// <summary>Header and data digests.</summary>
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
