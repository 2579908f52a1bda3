using System.Text;

namespace ManagedNvmet.Simulation.Model;

/// <summary>What one block may hold. Moments are numbers in the order of what hosts did and saw.</summary>
internal sealed class BlockHistory
{
    private readonly bool _isCached;
    private readonly List<BlockEntry> _entries;

    /// <param name="isCached">The disk may lose in a crash what was not flushed.</param>
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

    /// <summary>The write was acknowledged.</summary>
    public void Acknowledge(BlockEntry entry, long now, bool isDurable)
    {
        entry.IsDefinite = true;
        entry.End = Math.Min(entry.End, now);
        Supersede(entry, entry.Begin, now, isDurable);
    }

    /// <summary>The write may have taken effect, and will not any more.</summary>
    public static void Settle(BlockEntry entry, long now) => entry.End = Math.Min(entry.End, now);

    /// <summary>The write was refused before it was executed. False when its data was read nevertheless.</summary>
    public bool Withdraw(BlockEntry entry)
    {
        _entries.Remove(entry);
        return !entry.IsSeen;
    }

    /// <summary>A read that began at <paramref name="begin"/> and ends now has found this. False when it must not have.</summary>
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

    /// <summary>A flush that began then was acknowledged.</summary>
    public void Flushed(long begin)
    {
        foreach (BlockEntry entry in _entries)
        {
            if (entry.SupersededAt < begin)
                entry.IsGoneForGood = true;
        }
    }

    /// <summary>The disk has lost its power: of all that is not gone for good, any may be there.</summary>
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

    /// <summary>Forgets what nobody can find any more.</summary>
    /// <param name="oldestRead">The beginning of the oldest read that has not ended.</param>
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
