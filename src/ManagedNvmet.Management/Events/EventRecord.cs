namespace ManagedNvmet.Management.Events;

/// <summary>One line of the log.</summary>
/// <param name="Number">Sequence number of the line: 1 for the first since the start.</param>
/// <param name="Time">Time at which the line was logged (UTC).</param>
/// <param name="Level">Information, Warning, Error or Critical.</param>
/// <param name="Source">Class that logged the line, such as <c>NvmeTarget</c>.</param>
/// <param name="Message">Text of the line, truncated to 1000 characters.</param>
public sealed record EventRecord(long Number, DateTimeOffset Time, string Level, string Source, string Message);
