using ManagedNvmet.Simulation.Kernel;

namespace ManagedNvmet.Simulation.Network;

/// <summary>How a connection carries its bytes.</summary>
internal sealed record NetworkOptions
{
    /// <summary>Bytes that one direction holds: sent, and not read by the peer.</summary>
    public required int WindowBytes { get; init; }

    /// <summary>Shortest and longest way, in microseconds.</summary>
    public required int MinDelay { get; init; }

    public required int MaxDelay { get; init; }

    /// <summary>Percent of the receives that take only a part of what is there.</summary>
    public required int SplitPercent { get; init; }

    /// <summary>Percent of the sends that take only a part of what they are given.</summary>
    public required int PartialSendPercent { get; init; }

    public static NetworkOptions From(SeededRandom random)
    {
        int minDelay = random.Pick(5, 20, 200);
        return new NetworkOptions
        {
            WindowBytes = random.Pick(2048, 16 * 1024, 64 * 1024, 256 * 1024),
            MinDelay = minDelay,
            MaxDelay = minDelay + random.Pick(10, 500, 5000, 30_000),
            SplitPercent = random.Pick(0, 20, 90),
            PartialSendPercent = random.Pick(0, 20, 80),
        };
    }
}
