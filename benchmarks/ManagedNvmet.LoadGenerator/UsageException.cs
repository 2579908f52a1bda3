namespace ManagedNvmet.LoadGenerator;

/// <summary>The requested load cannot run. The message says what was found, what was expected and what to change.</summary>
public sealed class UsageException(string message) : Exception(message);
