namespace ManagedNvmet.Initiator;

/// <summary>Result of a completed command.</summary>
/// <param name="Status">Status field of the completion queue entry.</param>
/// <param name="Result">Dwords 0 (low half) and 1 (high half) of the completion queue entry.</param>
/// <param name="SubmissionQueueHead">SQ Head Pointer (SQHD) of the completion queue entry.</param>
public readonly record struct CommandResult(NvmeStatus Status, ulong Result, ushort SubmissionQueueHead)
{
    /// <summary>Returns this result if the command succeeded.</summary>
    /// <param name="command">Name of the command for the message of the exception.</param>
    /// <exception cref="InitiatorException">The command failed.</exception>
    public CommandResult Require(string command) =>
        Status.IsSuccess ? this : throw new InitiatorException($"{command} failed with status {Status} (result {Result:X}h).", Status);
}
