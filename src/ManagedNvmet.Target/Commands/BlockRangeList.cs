namespace ManagedNvmet.Target.Commands;

/// <summary>The ranges of one Dataset Management command, kept with the command and reused: at most 256.</summary>
internal sealed class BlockRangeList
{
    private BlockRange[] items = [];
    private int count;

    public ReadOnlySpan<BlockRange> Items => items.AsSpan(0, count);

    public void Set(ReadOnlySpan<BlockRange> ranges)
    {
        if (items.Length < ranges.Length)
            items = new BlockRange[ranges.Length];
        ranges.CopyTo(items);
        count = ranges.Length;
    }
}
