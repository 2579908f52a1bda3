namespace ManagedNvmet.Target;

/// <summary>Gives out controller identifiers, 1 to FFEFh. Not thread-safe.</summary>
/// <remarks>It goes round, so that an identifier comes back as late as it can: a host that has not yet noticed the end of its old
/// controller refuses a new one with the same identifier.</remarks>
internal sealed class ControllerIdAllocator
{
    /// <summary>Highest identifier of a dynamic controller.</summary>
    public const ushort MaxId = 0xFFEF;

    private readonly HashSet<ushort> used = [];
    private int last;

    /// <param name="first">The identifier to begin with, 1 to FFEFh. A random one keeps a restarted target from giving out at
    /// once what its hosts remember from before.</param>
    public ControllerIdAllocator(ushort first)
    {
        ArgumentOutOfRangeException.ThrowIfZero(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, MaxId);
        last = first - 1;
    }

    /// <summary>Identifiers that are in use.</summary>
    public int InUse => used.Count;

    /// <summary>Takes the next free identifier; false when all are in use.</summary>
    public bool TryAllocate(out ushort id)
    {
        id = 0;
        if (used.Count == MaxId)
            return false;
        do
        {
            last = last % MaxId + 1;
        }
        while (!used.Add((ushort)last));
        id = (ushort)last;
        return true;
    }

    /// <summary>Gives an identifier back.</summary>
    public void Release(ushort id) => used.Remove(id);
}
