namespace ManagedNvmet.Backends;

/// <summary>A namespace cannot be opened, or a file of the backends' own cannot be used. The message is one a person can act on: what was
/// found, what was expected, and what to do.</summary>
public sealed class BackendException : Exception
{
    /// <summary>Says what is wrong.</summary>
    public BackendException(string message)
        : base(message)
    {
    }

    /// <summary>Name of the setting whose other value would help, as the options call it, such as <c>StateFolder</c>; null when there is
    /// none. The program tells its user how to change it.</summary>
    public string? Setting { get; init; }

    /// <summary>Says what is wrong, and keeps what brought it to light.</summary>
    public BackendException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
