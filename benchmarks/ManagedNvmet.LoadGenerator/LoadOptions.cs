namespace ManagedNvmet.LoadGenerator;

/// <summary>What the load of one queue consists of.</summary>
public sealed record LoadOptions
{
    /// <summary>Commands of 100 that are reads; the others are writes.</summary>
    public int ReadPercent { get; init; } = 100;

    /// <summary>Bytes of one command; a multiple of the namespace's block size.</summary>
    public int TransferBytes { get; init; } = 4096;

    /// <summary>Commands in flight: always in a closed loop, at most in an open one.</summary>
    public int Depth { get; init; } = 32;

    /// <summary>One address after the other instead of random ones.</summary>
    public bool IsSequential { get; init; }

    /// <summary>NSID.</summary>
    public uint NamespaceId { get; init; } = 1;

    /// <summary>First logical block that the queue uses.</summary>
    public ulong FirstBlock { get; init; }

    /// <summary>Logical blocks from there on that it uses.</summary>
    public required ulong BlockCount { get; init; }

    /// <summary>Bytes of a logical block.</summary>
    public required int BlockSize { get; init; }

    /// <summary>Commands a second for an open loop, or null for a closed one.</summary>
    public double? Rate { get; init; }

    /// <summary>Mark what is written and check what is read. No other queue may write these blocks meanwhile.</summary>
    public bool Verify { get; init; }

    /// <summary>The seed that the marks carry.</summary>
    public ulong MarkSeed { get; init; }

    /// <summary>The generation before the first that is written; higher than any of an earlier run, so that old blocks are known.</summary>
    public ulong GenerationBase { get; init; }
}
