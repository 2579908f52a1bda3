using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.LogPages;

/// <summary>The failed commands of one controller. From any thread.</summary>
public sealed class ErrorLog
{
    /// <summary>Makes an empty log.</summary>
    public ErrorLog(int capacity) => ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);

    /// <summary>Adds an error of a command.</summary>
    public void Add(int queueId, in SubmissionEntry entry, NvmeStatus status, ushort location = 0xFFFF)
    {
    }
}
