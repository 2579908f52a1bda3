namespace ManagedNvmet.Conformance;

/// <summary>A script cannot be understood, or what came is not what it expects.</summary>
public sealed class ScriptException(string message) : Exception(message);
