namespace ManagedNvmet.Initiator;

/// <summary>The target refused a connection or command, or did not respond in time.</summary>
public sealed class InitiatorException : IOException
{
    internal InitiatorException(string message, NvmeStatus status = default)
        : base(message) => Status = status;

    /// <summary>Status of the command that failed; Successful Completion when something other than a command failed.</summary>
    public NvmeStatus Status { get; }
}
