using HdrHistogram;
using ManagedNvmet.Initiator;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Buffers and histograms that the queues of one shard share, so that a thousand queues need no more memory and cache than
/// one.</summary>
/// <remarks>Used on the shard's thread only.</remarks>
public sealed class LoadShared
{
    /// <param name="transferBytes">Size of a command in bytes.</param>
    /// <param name="seed">Seed of the random bytes that are written without --verify. A target cannot compress them.</param>
    public LoadShared(int transferBytes, int seed)
    {
        ReadScratch = InitiatorController.AllocatePinned(transferBytes);
        Memory<byte> contents = InitiatorController.AllocatePinned(transferBytes);
        new Random(seed).NextBytes(contents.Span);
        WriteScratch = contents;
    }

    /// <summary>Latencies of the recorded reads. Read it after the load has stopped.</summary>
    public LongHistogram ReadLatencies { get; } = LatencySummary.NewHistogram();

    /// <summary>Latencies of the recorded writes. Read it after the load has stopped.</summary>
    public LongHistogram WriteLatencies { get; } = LatencySummary.NewHistogram();

    /// <summary>Buffer for read data that is not checked.</summary>
    internal Memory<byte> ReadScratch { get; }

    /// <summary>Data of writes that will not be checked.</summary>
    internal Memory<byte> WriteScratch { get; }
}
