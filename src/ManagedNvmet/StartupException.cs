namespace ManagedNvmet;

/// <summary>The server cannot start. The message says what was found, what was expected and what to do, in a sentence.</summary>
public sealed class StartupException : Exception
{
    /// <summary>With the sentence.</summary>
    public StartupException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
