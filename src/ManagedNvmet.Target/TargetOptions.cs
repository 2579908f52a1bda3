namespace ManagedNvmet.Target;

/// <summary>The options of a target. The targets of a process share nothing.</summary>
public sealed record TargetOptions
{
    /// <summary>The limits of the target.</summary>
    public TargetLimits Limits { get; init; } = new();

    /// <summary>The unique NQN of the discovery subsystem, which also accepts the well-known discovery NQN.</summary>
    public Nqn DiscoveryNqn { get; init; } = Nqn.Discovery;

    /// <summary>True when the discovery log page also contains the discovery subsystem, so that a host can stay connected to it. Old host
    /// software shows this entry as one of an unknown type.</summary>
    public bool TellsOfDiscovery { get; init; } = true;

    /// <summary>True when the target measures the latency of every I/O command. This needs one clock read for each round of the loop, and
    /// one more for a command that ends in the round in which it began.</summary>
    public bool MeasuresLatency { get; init; } = true;

    /// <summary>The clock for log entries and for times in hours. Timers of queues and latencies use the clocks of their
    /// connections.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
