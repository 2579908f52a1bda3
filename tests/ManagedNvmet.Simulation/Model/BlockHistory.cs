using System.Text;

namespace ManagedNvmet.Simulation.Model;

/// <summary>The possible contents of one block. Model times are numbers in the order of the actions and observations of the
/// hosts.</summary>
internal sealed class BlockHistory
{
    private readonly bool _isCached;
    private readonly List<BlockEntry> _entries;

    /// <param name="isCached">True when a crash may lose data that was not flushed.</param>
    public BlockHistory(bool isCached)
    {
        _isCached = isCached;
        _entries = [new BlockEntry(0, 0) { End = 0, IsDefinite = true }];
    }

    public BlockEntry BeginWrite(ulong version, long now)
    {
        var entry = new BlockEntry(version, now);
        _entries.Add(entry);
        return entry;
    }

    /// <summary>Records that the write was acknowledged.</summary>
    public void Acknowledge(BlockEntry entry, long now, bool isDurable)
    {
        entry.IsDefinite = true;
        entry.End = Math.Min(entry.End, now);
        Supersede(entry, entry.Begin, now, isDurable);
    }

    /// <summary>Records that the write may have taken effect before, and cannot take effect any more.</summary>
    public static void Settle(BlockEntry entry, long now) => entry.End = Math.Min(entry.End, now);

    /// <summary>Records that the write was refused before execution. Returns false when a read has nevertheless returned its
    /// data.</summary>
    public bool Withdraw(BlockEntry entry)
    {
        _entries.Remove(entry);
        return !entry.IsSeen;
    }

    /// <summary>Records that a read from <paramref name="begin"/> to <paramref name="now"/> returned this version. Returns false when it
    /// must not have.</summary>
    public bool Read(ulong version, long begin, long now, bool isDurable)
    {
        BlockEntry? only = null;
        int found = 0;
        foreach (BlockEntry entry in _entries)
        {
            if (entry.Version != version || entry.SupersededAt <= begin)
                continue;
            found++;
            only = entry;
        }
        if (found == 0)
            return false;
        if (found == 1)
        {
            only!.IsSeen = true;
            only.IsDefinite = true;
            only.End = Math.Min(only.End, now);
        }
        bool isLeftByCrash = only is { IsLeftByCrash: true };
        foreach (BlockEntry entry in _entries)
        {
            if (entry.Version == version || entry.End >= begin)
                continue;
            entry.SupersededAt = Math.Min(entry.SupersededAt, now);
            if (isDurable || !_isCached || (isLeftByCrash && entry.IsLeftByCrash))
                entry.IsGoneForGood = true;
        }
        return true;
    }

    /// <summary>Records that a flush that began at this time was acknowledged.</summary>
    public void Flushed(long begin)
    {
        foreach (BlockEntry entry in _entries)
        {
            if (entry.SupersededAt < begin)
                entry.IsGoneForGood = true;
        }
    }

    /// <summary>Records a power failure. The block may now contain any data that was not durably replaced.</summary>
    public void Crash(long now)
    {
        _entries.RemoveAll(static entry => entry.IsGoneForGood);
        foreach (BlockEntry entry in _entries)
        {
            entry.SupersededAt = BlockEntry.Never;
            entry.End = Math.Min(entry.End, now);
            entry.IsLeftByCrash = true;
        }
    }

    /// <summary>Removes entries that no read can return any more.</summary>
    /// <param name="oldestRead">Begin of the oldest outstanding read.</param>
    public void Prune(long oldestRead)
    {
        if (_entries.Count > 8)
            _entries.RemoveAll(entry => entry.SupersededAt <= oldestRead && (entry.IsGoneForGood || !_isCached));
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (BlockEntry entry in _entries)
        {
            text.Append($"{entry.Version} [{entry.Begin}, {Show(entry.End)}]{(entry.IsDefinite ? "" : " maybe")}");
            text.Append(entry.SupersededAt == BlockEntry.Never ? "" : $" superseded at {entry.SupersededAt}");
            text.Append(entry.IsGoneForGood ? " gone; " : "; ");
        }
        return text.ToString();
    }

    private void Supersede(BlockEntry by, long begin, long now, bool isDurable)
    {
        foreach (BlockEntry entry in _entries)
        {
            if (entry == by || entry.End >= begin)
                continue;
            entry.SupersededAt = Math.Min(entry.SupersededAt, now);
            if (isDurable || !_isCached)
                entry.IsGoneForGood = true;
        }
    }

    private static string Show(long moment) => moment == BlockEntry.Never ? "…" : $"{moment}";
}
