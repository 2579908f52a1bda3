using ManagedNvmet.Simulation.Kernel;
using ManagedNvmet.Target;

namespace ManagedNvmet.Simulation.Hosts;

/// <summary>Connection parameters and behaviour of a simulated host.</summary>
internal sealed record HostPlan
{
    public required bool IsDiscovery { get; init; }

    public required bool HeaderDigest { get; init; }

    public required bool DataDigest { get; init; }

    public required byte DataAlignment { get; init; }

    public required bool DisablesFlowControl { get; init; }

    public required int AdminEntries { get; init; }

    public required int IoQueues { get; init; }

    public required int IoEntries { get; init; }

    public required int IoInCapsuleBytes { get; init; }

    public required uint KeepAliveMilliseconds { get; init; }

    /// <summary>True when the host reads whether the controller has a volatile write cache. For other hosts, all writes must be
    /// durable.</summary>
    public required bool Identifies { get; init; }

    public required bool DisablesWriteCache { get; init; }

    public required bool WantsEvents { get; init; }

    public required int EventRequests { get; init; }

    /// <summary>Number of workers per queue. Each has one outstanding command.</summary>
    public required int Workers { get; init; }

    /// <summary>Maximum pause between two commands of a worker, in µs.</summary>
    public required int ThinkMicroseconds { get; init; }

    public static HostPlan From(SeededRandom random, TargetLimits limits)
    {
        bool isDiscovery = random.Chance(10);
        bool digests = random.Chance(40);
        return new HostPlan
        {
            IsDiscovery = isDiscovery,
            HeaderDigest = digests || random.Chance(20),
            DataDigest = digests || random.Chance(20),
            DataAlignment = (byte)random.Pick(0, 0, 1, 3, 15, 31, random.Below(32)),
            DisablesFlowControl = random.Chance(50),
            AdminEntries = random.Pick(8, 16, 32),
            IoQueues = isDiscovery ? 0 : random.Between(1, limits.MaxIoQueues),
            IoEntries = Math.Min(random.Pick(2, 3, 5, 16, 64), limits.MaxQueueEntries),
            IoInCapsuleBytes = random.Chance(20) ? 0 : random.Below(limits.Connection.IoInCapsuleBytes + 1) & ~15,
            KeepAliveMilliseconds = (uint)random.Pick(0, 400, 1000, 2500, 5000, 15_000),
            Identifies = random.Chance(80),
            DisablesWriteCache = random.Chance(20),
            WantsEvents = random.Chance(70),
            EventRequests = random.Between(1, limits.MaxAsyncEventRequests),
            Workers = random.Pick(1, 2, 4, 12),
            ThinkMicroseconds = random.Pick(100, 20_000, 300_000, 1_000_000),
        };
    }
}
