namespace ManagedNvmet.Reports;

/// <summary>What the transport has counted since the start.</summary>
/// <param name="Receives">Receive calls that brought bytes.</param>
/// <param name="Sends">Send calls.</param>
/// <param name="Moves">Connections that went from a busy shard to another.</param>
/// <param name="MovesGivenUp">Connections that were to go, and did not come to rest in time.</param>
/// <param name="DataDigestErrors">Commands that failed because the digest of their data was wrong.</param>
/// <param name="PduErrors">Connections that were ended because of a PDU, by the name of the fatal error status; every status has its
/// entry. A wrong header digest is one of them.</param>
public sealed record TransportCounters(
    long Receives, long Sends, long Moves, long MovesGivenUp, long DataDigestErrors, IReadOnlyDictionary<string, long> PduErrors);
