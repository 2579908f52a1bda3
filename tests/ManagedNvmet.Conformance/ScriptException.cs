namespace ManagedNvmet.Conformance;

/// <summary>A script is invalid, or the controller did not send what the script expects.</summary>
public sealed class ScriptException(string message) : Exception(message);
