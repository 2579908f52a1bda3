namespace ManagedNvmet.LoadGenerator;

/// <summary>Options of the load of one queue.</summary>
public sealed record LoadOptions
{
    /// <summary>Percentage of reads, 0 to 100. The other commands are writes.</summary>
    public int ReadPercent { get; init; } = 100;

    /// <summary>Size of a command in bytes, a multiple of <see cref="BlockSize"/>.</summary>
    public int TransferBytes { get; init; } = 4096;

    /// <summary>Number of outstanding commands: constant in a closed loop, the maximum in an open one.</summary>
    public int Depth { get; init; } = 32;

    /// <summary>True for sequential addresses, false for random ones.</summary>
    public bool IsSequential { get; init; }

    /// <summary>Namespace ID (NSID).</summary>
    public uint NamespaceId { get; init; } = 1;

    /// <summary>First logical block that the queue uses.</summary>
    public ulong FirstBlock { get; init; }

    /// <summary>Number of logical blocks that the queue uses.</summary>
    public required ulong BlockCount { get; init; }

    /// <summary>Size of a logical block in bytes.</summary>
    public required int BlockSize { get; init; }

    /// <summary>Commands per second for an open loop; null for a closed one.</summary>
    public double? Rate { get; init; }

    /// <summary>True to mark written blocks and check read ones. No other queue may write these blocks during the load.</summary>
    public bool Verify { get; init; }

    /// <summary>Seed in the marks of the blocks.</summary>
    public ulong MarkSeed { get; init; }

    /// <summary>Number that precedes the first generation of this run. It must exceed all generations of earlier runs, so that a check can
    /// tell their blocks from new ones.</summary>
    public ulong GenerationBase { get; init; }
}
