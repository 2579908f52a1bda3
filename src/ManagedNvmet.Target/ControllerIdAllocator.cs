namespace ManagedNvmet.Target;

/// <summary>Gives out controller identifiers of a range. Not thread-safe.</summary>
/// <remarks>It goes round, so that an identifier comes back as late as it can: a host that has not yet noticed the end of its old
/// controller refuses a new one with the same identifier.</remarks>
internal sealed class ControllerIdAllocator
{
    /// <summary>Highest identifier of a dynamic controller.</summary>
    public const ushort MaxId = 0xFFEF;

    private readonly HashSet<ushort> used = [];
    private readonly ushort min;
    private readonly ushort max;
    private int last;

    /// <param name="first">The identifier to begin with, inside the range. A random one keeps a restarted target from giving out at
    /// once what its hosts remember from before.</param>
    /// <param name="min">The lowest identifier, from 1.</param>
    /// <param name="max">The highest identifier, to FFEFh.</param>
    public ControllerIdAllocator(ushort first, ushort min = 1, ushort max = MaxId)
    {
        ArgumentOutOfRangeException.ThrowIfZero(min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(max, MaxId);
        ArgumentOutOfRangeException.ThrowIfLessThan(first, min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, max);
        this.min = min;
        this.max = max;
        last = first - 1;
    }

    /// <summary>Identifiers that are in use.</summary>
    public int InUse => used.Count;

    /// <summary>Takes the next free identifier; false when all are in use.</summary>
    public bool TryAllocate(out ushort id)
    {
        id = 0;
        if (used.Count == max - min + 1)
            return false;
        do
        {
            last = last >= max ? min : last + 1;
        }
        while (!used.Add((ushort)last));
        id = (ushort)last;
        return true;
    }

    /// <summary>Gives an identifier back.</summary>
    public void Release(ushort id) => used.Remove(id);
}
