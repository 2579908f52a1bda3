namespace ManagedNvmet;

/// <summary>The server cannot start. The message is a sentence about the found value, the expected value and the remedy.</summary>
public sealed class StartupException : Exception
{
    /// <summary>Creates the exception with its sentence.</summary>
    public StartupException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception with its sentence and a line for each error.</summary>
    public StartupException(string message, IReadOnlyList<string> details)
        : base(message) => Details = details;

    /// <summary>The name of the property of <see cref="NvmetServerOptions"/> that must change; null when there is none. A program can tell
    /// its user how to set it.</summary>
    public string? Setting { get; init; }

    /// <summary>The errors, one for each line; empty when the message contains all.</summary>
    public IReadOnlyList<string> Details { get; } = [];
}
