namespace ManagedNvmet.Comparison.Bars;

/// <summary>One server at one work: what a round measures once.</summary>
public sealed record Contestant(PeerKind Peer, Work Work);
