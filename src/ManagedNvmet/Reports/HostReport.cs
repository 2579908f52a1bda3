namespace ManagedNvmet.Reports;

/// <summary>A host that is connected, or that the configuration names.</summary>
public sealed record HostReport
{
    /// <summary>NQN of the host (HOSTNQN).</summary>
    public required string Nqn { get; init; }

    /// <summary>True when the host has at least one controller.</summary>
    public bool IsConnected => Sessions > 0;

    /// <summary>Number of its controllers, including those of the discovery subsystem.</summary>
    public int Sessions { get; init; }

    /// <summary>Number of its I/O queues.</summary>
    public int IoQueues { get; init; }

    /// <summary>Addresses from which it is connected.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>NQNs of the subsystems to which it is connected.</summary>
    public IReadOnlyList<string> ConnectedTo { get; init; } = [];

    /// <summary>NQNs of the subsystems that name it as an allowed host.</summary>
    public IReadOnlyList<string> AllowedOn { get; init; } = [];

    /// <summary>True when it is connected from more than one address, or with more than one host identifier, at the same time. This is a
    /// sign of cloned machines.</summary>
    public bool IsSuspectedDuplicate { get; init; }
}
