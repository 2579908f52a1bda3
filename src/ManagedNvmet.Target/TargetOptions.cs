namespace ManagedNvmet.Target;

/// <summary>What a target is made with. Each target has its own; nothing is shared between the targets of a process.</summary>
public sealed record TargetOptions
{
    /// <summary>The limits in force.</summary>
    public TargetLimits Limits { get; init; } = new();

    /// <summary>A name of its own for the discovery subsystem; it answers to the well-known name as well.</summary>
    public Nqn DiscoveryNqn { get; init; } = Nqn.Discovery;

    /// <summary>The discovery log page tells of the discovery subsystem itself too, so that a host can stay connected to it. Old host
    /// software shows such an entry as one of an unknown kind.</summary>
    public bool TellsOfDiscovery { get; init; } = true;

    /// <summary>The latency of every I/O command is measured. That takes one reading of the clock a round of the loop, and one more for a
    /// command that ends in the round in which it came.</summary>
    public bool MeasuresLatency { get; init; } = true;

    /// <summary>The clock of everything that is told in hours or logged; the timers of queues and latencies run on the clocks of their
    /// connections.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
