namespace ManagedNvmet.Reports;

/// <summary>A host that is connected, or that the configuration names.</summary>
public sealed record HostReport
{
    /// <summary>HOSTNQN.</summary>
    public required string Nqn { get; init; }

    /// <summary>It has at least one controller.</summary>
    public bool IsConnected => Sessions > 0;

    /// <summary>Its controllers, those of the discovery subsystem included.</summary>
    public int Sessions { get; init; }

    /// <summary>Its I/O queues.</summary>
    public int IoQueues { get; init; }

    /// <summary>The addresses that it comes from.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>The subsystems that it is connected to.</summary>
    public IReadOnlyList<string> ConnectedTo { get; init; } = [];

    /// <summary>The subsystems that name it as allowed.</summary>
    public IReadOnlyList<string> AllowedOn { get; init; } = [];

    /// <summary>It is connected from more than one address or with more than one host identifier at once, as a cloned machine is.</summary>
    public bool IsSuspectedDuplicate { get; init; }
}
