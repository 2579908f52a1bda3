namespace ManagedNvmet.Target.Health;

/// <summary>What one host has done to one namespace with one operation.</summary>
/// <param name="HostNqn">The host's name, just as it gave it; null for all hosts that are gone and not kept apart any more.</param>
/// <param name="SubsystemNqn">The subsystem.</param>
/// <param name="NamespaceId">NSID.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Totals">The sums.</param>
public sealed record HostStatistics(
    Nqn? HostNqn, Nqn SubsystemNqn, uint NamespaceId, BlockOperation Operation, OperationTotals Totals);
