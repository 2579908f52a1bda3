namespace ManagedNvmet.Io.Disks;

/// <summary>A first-in-first-out list of operations, linked through <see cref="DiskOperation.Next"/>.</summary>
internal struct DiskOperationList
{
    private DiskOperation? _first;
    private DiskOperation? _last;

    public readonly bool IsEmpty => _first is null;

    public void Add(DiskOperation operation)
    {
        operation.Next = null;
        if (_last is null)
            _first = operation;
        else
            _last.Next = operation;
        _last = operation;
    }

    public bool TryTake(out DiskOperation operation)
    {
        operation = _first!;
        if (operation is null)
            return false;
        _first = operation.Next;
        if (_first is null)
            _last = null;
        operation.Next = null;
        return true;
    }
}
