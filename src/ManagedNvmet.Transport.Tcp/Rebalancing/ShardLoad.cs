namespace ManagedNvmet.Transport.Tcp.Rebalancing;

/// <summary>Load of one shard during an interval.</summary>
/// <param name="Busy">Share of the interval in which the shard had work, 0 to 1.</param>
/// <param name="Connections">Loads of its connections.</param>
internal sealed record ShardLoad(double Busy, IReadOnlyList<ConnectionLoad> Connections);
