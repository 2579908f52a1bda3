namespace ManagedNvmet.LoadGenerator;

/// <summary>What a load consists of.</summary>
public sealed record LoadOptions
{
    /// <summary>Commands of 100 that are reads; the others are writes.</summary>
    public int ReadPercent { get; init; } = 100;

    /// <summary>Bytes of one command; a multiple of the namespace's block size.</summary>
    public int TransferBytes { get; init; } = 4096;

    /// <summary>Commands in flight on each queue.</summary>
    public int Depth { get; init; } = 32;

    /// <summary>One address after the other instead of random ones.</summary>
    public bool IsSequential { get; init; }

    /// <summary>NSID.</summary>
    public uint NamespaceId { get; init; } = 1;

    /// <summary>Logical blocks of the namespace.</summary>
    public required ulong BlockCount { get; init; }

    /// <summary>Bytes of a logical block.</summary>
    public required int BlockSize { get; init; }
}
