namespace ManagedNvmet.Management.Events;

/// <summary>Something that happened, as the log told of it.</summary>
/// <param name="Number">Counts up from 1.</param>
/// <param name="Time">When.</param>
/// <param name="Level">Information, Warning, Error or Critical.</param>
/// <param name="Source">The part of the server that said it, such as <c>NvmeTarget</c>.</param>
/// <param name="Message">The line of the log, at most 1000 characters.</param>
public sealed record EventRecord(long Number, DateTimeOffset Time, string Level, string Source, string Message);
