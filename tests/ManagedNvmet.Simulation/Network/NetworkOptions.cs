using ManagedNvmet.Simulation.Kernel;

namespace ManagedNvmet.Simulation.Network;

/// <summary>Parameters of a simulated network connection.</summary>
internal sealed record NetworkOptions
{
    /// <summary>Maximum number of bytes in one direction that are sent and not yet read.</summary>
    public required int WindowBytes { get; init; }

    /// <summary>Minimum and maximum latency in µs.</summary>
    public required int MinDelay { get; init; }

    public required int MaxDelay { get; init; }

    /// <summary>Percentage of receives that return only a part of the available bytes.</summary>
    public required int SplitPercent { get; init; }

    /// <summary>Percentage of sends that accept only a part of the bytes.</summary>
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
