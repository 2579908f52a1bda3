namespace ManagedNvmet.Transport.Tcp.Rebalancing;

/// <summary>What one connection has caused in an interval.</summary>
/// <param name="Connection">Which; compared by reference.</param>
/// <param name="Work">How much, in a unit that the connections of a shard share.</param>
internal readonly record struct ConnectionLoad(object Connection, long Work);
