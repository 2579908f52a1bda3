namespace ManagedNvmet.Target.Commands;

/// <summary>The ranges of one Dataset Management command, kept with the command and reused: at most 256.</summary>
internal sealed class BlockRangeList
{
    private BlockRange[] _items = [];
    private int _count;

    public ReadOnlySpan<BlockRange> Items => _items.AsSpan(0, _count);

    public void Set(ReadOnlySpan<BlockRange> ranges)
    {
        if (_items.Length < ranges.Length)
            _items = new BlockRange[ranges.Length];
        ranges.CopyTo(_items);
        _count = ranges.Length;
    }
}
