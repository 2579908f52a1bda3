namespace ManagedNvmet.Reports;

/// <summary>What was refused since the start.</summary>
/// <param name="Total">All of it.</param>
/// <param name="ByReason">How often for each reason that came up.</param>
/// <param name="Last">The last of them, the newest first.</param>
public sealed record RefusalReport(long Total, IReadOnlyDictionary<string, long> ByReason, IReadOnlyList<RefusalEntry> Last);
