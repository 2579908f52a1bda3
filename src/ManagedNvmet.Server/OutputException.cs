namespace ManagedNvmet.Server;

/// <summary>Standard output cannot be written.</summary>
internal sealed class OutputException : Exception
{
    /// <param name="reason">The reason that the system gives.</param>
    public OutputException(string reason)
        : base($"Standard output cannot be written: {reason}")
    {
    }
}
