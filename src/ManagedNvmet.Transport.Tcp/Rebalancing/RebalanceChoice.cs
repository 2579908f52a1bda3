namespace ManagedNvmet.Transport.Tcp.Rebalancing;

/// <summary>A connection that is to go to another shard.</summary>
/// <param name="Connection">Which.</param>
/// <param name="From">Index of its shard.</param>
/// <param name="To">Index of the shard that it goes to.</param>
internal readonly record struct RebalanceChoice(object Connection, int From, int To);
