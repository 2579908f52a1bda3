namespace ManagedNvmet;

/// <summary>The server cannot start. The message says what was found, what was expected and what to do, in a sentence.</summary>
public sealed class StartupException : Exception
{
    /// <summary>With the sentence.</summary>
    public StartupException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>With the sentence and a line for each thing that is wrong.</summary>
    public StartupException(string message, IReadOnlyList<string> details)
        : base(message) => Details = details;

    /// <summary>Name of the property of <see cref="NvmetServerOptions"/> whose other value would help; null when there is none. The program
    /// tells its user how to change it.</summary>
    public string? Setting { get; init; }

    /// <summary>What is wrong, one thing a line; empty when the message says it all.</summary>
    public IReadOnlyList<string> Details { get; } = [];
}
