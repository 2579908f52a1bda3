namespace ManagedNvmet.Initiator;

/// <summary>The end of a command.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="Result">Dwords 0 and 1 of the completion queue entry.</param>
/// <param name="SubmissionQueueHead">SQHD.</param>
public readonly record struct CommandResult(NvmeStatus Status, ulong Result, ushort SubmissionQueueHead)
{
    /// <summary>This result, when the command succeeded.</summary>
    /// <exception cref="InitiatorException">It did not.</exception>
    public CommandResult Require(string command) =>
        Status.IsSuccess ? this : throw new InitiatorException($"{command} failed with status {Status} (result {Result:X}h).", Status);
}
