using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Simulation.Kernel;
using ManagedNvmet.Target;

namespace ManagedNvmet.Simulation;

/// <summary>Parameters of a run, derived from its seed.</summary>
internal sealed record RunPlan
{
    public required int Hosts { get; init; }

    public required int Disks { get; init; }

    public required int TargetThreads { get; init; }

    /// <summary>Number of data buffers per thread of the target.</summary>
    public required int IoBuffers { get; init; }

    /// <summary>Number of reserved buffers for in-capsule data.</summary>
    public required int CapsuleBuffers { get; init; }

    public required int AdminBuffers { get; init; }

    public required TargetLimits Limits { get; init; }

    /// <summary>Duration of the fault injection in µs.</summary>
    public required long ChaosMicroseconds { get; init; }

    /// <summary>Average pause between two faults in µs.</summary>
    public required int FaultMicroseconds { get; init; }

    public required bool HasCrashes { get; init; }

    public required bool HasManagement { get; init; }

    public required bool HasNetworkFaults { get; init; }

    public required bool HasPauses { get; init; }

    public static RunPlan From(SeededRandom random)
    {
        var connection = new ConnectionLimits
        {
            IoInCapsuleBytes = random.Pick(0, 4096, 8192, 16 * 1024),
            MaxTransferBytes = random.Pick(4096, 16 * 1024, 64 * 1024),
            MaxH2CDataBytes = random.Pick(4096, 8192, 1024 * 1024),
            MaxC2HDataBytes = random.Pick(4096, 8192, 1024 * 1024),
            HandshakeMilliseconds = random.Pick(1000, 10_000),
            TerminationMilliseconds = random.Pick(500, 30_000),
        };
        return new RunPlan
        {
            Hosts = random.Between(1, 4),
            Disks = random.Between(1, 3),
            TargetThreads = random.Between(1, 3),
            IoBuffers = random.Pick(1, 2, 3, 6, 1000),
            CapsuleBuffers = random.Pick(1, 2),
            AdminBuffers = random.Pick(1, 2, 64),
            Limits = new TargetLimits
            {
                Connection = connection,
                MaxIoQueues = random.Between(1, 4),
                MaxQueueEntries = random.Pick(16, 1024),
                MaxControllers = random.Pick(3, 1024),
                MaxAborts = random.Pick(1, 4),
                AssociationMilliseconds = random.Pick(1500, 120_000),
                DiscoveryIdleMilliseconds = random.Pick(1500, 120_000),
            },
            ChaosMicroseconds = random.Between(3, 25) * EventLoop.Second,
            FaultMicroseconds = random.Pick(100_000, 1_000_000, 5_000_000),
            HasCrashes = random.Chance(40),
            HasManagement = random.Chance(50),
            HasNetworkFaults = random.Chance(70),
            HasPauses = random.Chance(60),
        };
    }
}
