namespace ManagedNvmet.Transport.Tcp.Rebalancing;

/// <summary>A connection to move, and its new shard.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="From">Index of its present shard.</param>
/// <param name="To">Index of its new shard.</param>
internal readonly record struct RebalanceChoice(object Connection, int From, int To);
