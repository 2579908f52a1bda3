namespace ManagedNvmet.Comparison;

/// <summary>Something could not be measured; the message says what and why.</summary>
public sealed class ComparisonException(string message) : Exception(message);
