namespace ManagedNvmet.Comparison;

/// <summary>A measurement failed. The message says which and why.</summary>
public sealed class ComparisonException(string message) : Exception(message);
