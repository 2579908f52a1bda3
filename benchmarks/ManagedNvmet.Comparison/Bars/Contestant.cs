namespace ManagedNvmet.Comparison.Bars;

/// <summary>A server with a workload. Each round measures it once.</summary>
public sealed record Contestant(PeerKind Peer, Work Work);
