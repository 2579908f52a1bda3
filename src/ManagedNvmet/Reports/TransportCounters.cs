namespace ManagedNvmet.Reports;

/// <summary>What the transport has counted since the start.</summary>
/// <param name="Receives">Receive calls that brought bytes.</param>
/// <param name="Sends">Send calls.</param>
public sealed record TransportCounters(long Receives, long Sends);
