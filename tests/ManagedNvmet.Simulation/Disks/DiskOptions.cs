using ManagedNvmet.Simulation.Kernel;

namespace ManagedNvmet.Simulation.Disks;

/// <summary>Properties and behaviour of a simulated disk.</summary>
internal sealed record DiskOptions
{
    public required int BlockSize { get; init; }

    public required int BlockCount { get; init; }

    public required bool HasVolatileCache { get; init; }

    public required bool SupportsDeallocate { get; init; }

    public required bool DeallocatedReadsZero { get; init; }

    /// <summary>Deallocation granularity in blocks. A deallocation affects only completely covered units of this size.</summary>
    public required int GranularityBlocks { get; init; }

    /// <summary>Maximum latency in µs. Most requests are much faster.</summary>
    public required int MaxLatency { get; init; }

    /// <summary>Percentage of requests that complete before Submit returns.</summary>
    public required int InsidePercent { get; init; }

    /// <summary>Number of requests in a thousand that fail although their blocks are good.</summary>
    public required int ErrorPermille { get; init; }

    public static DiskOptions From(SeededRandom random) => new()
    {
        BlockSize = random.Pick(512, 512, 512, 4096),
        BlockCount = random.Between(8, 96),
        HasVolatileCache = random.Chance(75),
        SupportsDeallocate = random.Chance(75),
        DeallocatedReadsZero = random.Chance(60),
        GranularityBlocks = random.Pick(1, 1, 2, 8),
        MaxLatency = random.Pick(50, 2000, 200_000),
        InsidePercent = random.Pick(0, 10, 100),
        ErrorPermille = random.Pick(0, 0, 10, 50),
    };
}
