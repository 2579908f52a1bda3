namespace ManagedNvmet.Reports;

/// <summary>Counters of the transport since the start.</summary>
/// <param name="Receives">Number of receive calls that returned data.</param>
/// <param name="Sends">Number of send calls.</param>
/// <param name="Moves">Number of connections that moved from a busy shard to another.</param>
/// <param name="MovesGivenUp">Number of moves given up because the connection still had work in progress after 100 ms.</param>
/// <param name="DataDigestErrors">Number of commands that failed because of a wrong data digest.</param>
/// <param name="PduErrors">Number of connections closed because of an invalid PDU, by Fatal Error Status. Every status has an entry,
/// including header digest errors.</param>
public sealed record TransportCounters(
    long Receives, long Sends, long Moves, long MovesGivenUp, long DataDigestErrors, IReadOnlyDictionary<string, long> PduErrors);
