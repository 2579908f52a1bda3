namespace ManagedNvmet.Server;

/// <summary>The command line is wrong. The message says what was found and what was expected, in a sentence.</summary>
internal sealed class UsageException : Exception
{
    public UsageException(string message)
        : base(message)
    {
    }
}
