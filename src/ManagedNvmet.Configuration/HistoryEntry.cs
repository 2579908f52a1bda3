namespace ManagedNvmet.Configuration;

/// <summary>A configuration that runs or ran before.</summary>
/// <param name="Number">Counts up with each change, from 1.</param>
/// <param name="Time">When it was applied.</param>
/// <param name="ETag">Its ETag.</param>
/// <param name="Summary">What it changed, in one line.</param>
/// <param name="Requester">Who asked for it; empty for the configuration of a start.</param>
public sealed record HistoryEntry(int Number, DateTimeOffset Time, string ETag, string Summary, string Requester = "");
