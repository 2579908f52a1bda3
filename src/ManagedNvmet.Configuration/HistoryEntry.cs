namespace ManagedNvmet.Configuration;

/// <summary>A configuration that ran before.</summary>
/// <param name="Number">Counts up with each change, from 1.</param>
/// <param name="Time">When it was applied.</param>
/// <param name="ETag">Its ETag.</param>
/// <param name="Summary">What it had changed, in a line.</param>
public sealed record HistoryEntry(int Number, DateTimeOffset Time, string ETag, string Summary);
