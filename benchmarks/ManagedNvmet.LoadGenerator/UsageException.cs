namespace ManagedNvmet.LoadGenerator;

/// <summary>What was asked for cannot be done; the message says what was found, what was expected and what to change.</summary>
public sealed class UsageException(string message) : Exception(message);
