namespace ManagedNvmet.Target.Subsystems;

/// <summary>Allocates controller identifiers from a range. Not thread-safe.</summary>
/// <remarks>It allocates in a circle, so that it reuses an identifier as late as possible. A host that has not yet noticed the end of its
/// old controller refuses a new one with the same identifier.</remarks>
internal sealed class ControllerIdAllocator
{
    /// <summary>Highest identifier of a dynamic controller.</summary>
    public const ushort MaxId = 0xFFEF;

    private readonly HashSet<ushort> _used = [];
    private readonly ushort _min;
    private readonly ushort _max;
    private int _last;

    /// <param name="first">The first identifier, inside the range. With a random one, a restarted target does not reuse the identifiers
    /// that its hosts still know.</param>
    /// <param name="min">The lowest identifier, from 1.</param>
    /// <param name="max">The highest identifier, to FFEFh.</param>
    public ControllerIdAllocator(ushort first, ushort min = 1, ushort max = MaxId)
    {
        ArgumentOutOfRangeException.ThrowIfZero(min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(max, MaxId);
        ArgumentOutOfRangeException.ThrowIfLessThan(first, min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, max);
        _min = min;
        _max = max;
        _last = first - 1;
    }

    /// <summary>The number of allocated identifiers.</summary>
    public int InUse => _used.Count;

    /// <summary>Allocates the next free identifier. Returns false when all are in use.</summary>
    public bool TryAllocate(out ushort id)
    {
        id = 0;
        if (_used.Count == _max - _min + 1)
            return false;
        do
        {
            _last = _last >= _max ? _min : _last + 1;
        }
        while (!_used.Add((ushort)_last));
        id = (ushort)_last;
        return true;
    }

    /// <summary>Releases an identifier.</summary>
    public void Release(ushort id) => _used.Remove(id);
}
