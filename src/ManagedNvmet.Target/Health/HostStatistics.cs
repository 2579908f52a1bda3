namespace ManagedNvmet.Target.Health;

/// <summary>What one host has done to one namespace with one operation.</summary>
/// <param name="HostNqn">Host NQN as the host sent it; null for the sum of all disconnected hosts whose statistics are no longer kept
/// separately.</param>
/// <param name="SubsystemNqn">The subsystem.</param>
/// <param name="NamespaceId">NSID.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Totals">The sums.</param>
public sealed record HostStatistics(
    Nqn? HostNqn, Nqn SubsystemNqn, uint NamespaceId, BlockOperation Operation, OperationTotals Totals);
