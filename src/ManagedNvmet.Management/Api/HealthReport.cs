namespace ManagedNvmet.Management.Api;

/// <summary>The body of a health check's response.</summary>
/// <param name="Status"><c>ok</c>, <c>starting</c>, <c>stopping</c> or <c>port-down</c>.</param>
/// <param name="Detail">The same as a sentence for a person; null for <c>ok</c>.</param>
public sealed record HealthReport(string Status, string? Detail);
