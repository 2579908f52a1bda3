namespace ManagedNvmet.Server.Verbs;

/// <summary>A verb could not do what it was asked. The message is a sentence for a person.</summary>
internal sealed class VerbException : Exception
{
    public VerbException(int exitCode, string message)
        : base(message) => ExitCode = exitCode;

    /// <summary>What the process ends with.</summary>
    public int ExitCode { get; }
}
