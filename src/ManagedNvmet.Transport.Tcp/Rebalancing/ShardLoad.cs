namespace ManagedNvmet.Transport.Tcp.Rebalancing;

/// <summary>What one shard has done in an interval.</summary>
/// <param name="Busy">The part of the interval in which it had work, 0 to 1.</param>
/// <param name="Connections">What its connections have caused of that.</param>
internal sealed record ShardLoad(double Busy, IReadOnlyList<ConnectionLoad> Connections);
