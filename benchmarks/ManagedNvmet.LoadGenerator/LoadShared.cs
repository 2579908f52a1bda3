using HdrHistogram;
using ManagedNvmet.Initiator;

namespace ManagedNvmet.LoadGenerator;

/// <summary>What the queues of one shard share: one thread uses it, so that a thousand queues need no more memory and cache than one.</summary>
public sealed class LoadShared
{
    /// <param name="transferBytes">Bytes of a command.</param>
    /// <param name="seed">Seed of what is written without --verify: bytes that no target can compress.</param>
    public LoadShared(int transferBytes, int seed)
    {
        ReadScratch = InitiatorController.AllocatePinned(transferBytes);
        Memory<byte> contents = InitiatorController.AllocatePinned(transferBytes);
        new Random(seed).NextBytes(contents.Span);
        WriteScratch = contents;
    }

    /// <summary>Latencies of the reads that were recorded. To be read when the load has stopped.</summary>
    public LongHistogram ReadLatencies { get; } = LatencySummary.NewHistogram();

    /// <summary>Latencies of the writes that were recorded. To be read when the load has stopped.</summary>
    public LongHistogram WriteLatencies { get; } = LatencySummary.NewHistogram();

    /// <summary>Where data goes that nobody looks at.</summary>
    internal Memory<byte> ReadScratch { get; }

    /// <summary>What is written when nobody will look at it.</summary>
    internal Memory<byte> WriteScratch { get; }
}
