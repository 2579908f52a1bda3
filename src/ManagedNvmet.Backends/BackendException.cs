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

    /// <summary>Says what is wrong, and keeps what brought it to light.</summary>
    public BackendException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
