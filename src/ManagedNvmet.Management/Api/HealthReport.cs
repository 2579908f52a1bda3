namespace ManagedNvmet.Management.Api;

/// <summary>The answer of a health check.</summary>
/// <param name="Status"><c>ok</c>, or what keeps it from being so in a word.</param>
/// <param name="Detail">In a sentence; null when all is well.</param>
public sealed record HealthReport(string Status, string? Detail);
