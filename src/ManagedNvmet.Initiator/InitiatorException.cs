namespace ManagedNvmet.Initiator;

/// <summary>The controller refused, or did not answer.</summary>
public sealed class InitiatorException : IOException
{
    internal InitiatorException(string message, NvmeStatus status = default)
        : base(message) => Status = status;

    /// <summary>The status of the command that failed; success when it was no command that failed.</summary>
    public NvmeStatus Status { get; }
}
