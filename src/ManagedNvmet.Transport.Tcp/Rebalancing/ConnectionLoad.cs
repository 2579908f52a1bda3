namespace ManagedNvmet.Transport.Tcp.Rebalancing;

/// <summary>Load of one connection during an interval.</summary>
/// <param name="Connection">The connection, compared by reference.</param>
/// <param name="Work">Work that the connection caused, in any unit that is the same for all connections of a shard.</param>
internal readonly record struct ConnectionLoad(object Connection, long Work);
