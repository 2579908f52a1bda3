namespace ManagedNvmet.Reports;

/// <summary>Refusals since the start.</summary>
/// <param name="Total">Number of all refusals.</param>
/// <param name="ByReason">Number of refusals per reason that has occurred.</param>
/// <param name="Last">The latest refusals, the newest first.</param>
public sealed record RefusalReport(long Total, IReadOnlyDictionary<string, long> ByReason, IReadOnlyList<RefusalEntry> Last);
