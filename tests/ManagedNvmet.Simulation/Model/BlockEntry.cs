namespace ManagedNvmet.Simulation.Model;

/// <summary>One write of one block, or what stands for one: what the block may hold because of it, and for how long.</summary>
internal sealed class BlockEntry(ulong version, long begin)
{
    public const long Never = long.MaxValue;

    public ulong Version { get; } = version;

    /// <summary>When the host sent it.</summary>
    public long Begin { get; } = begin;

    /// <summary>From when on it cannot take effect any more.</summary>
    public long End { get; set; } = Never;

    /// <summary>It has taken effect for certain: it was acknowledged, or read.</summary>
    public bool IsDefinite { get; set; }

    /// <summary>It was read.</summary>
    public bool IsSeen { get; set; }

    /// <summary>From when on every read finds something later.</summary>
    public long SupersededAt { get; set; } = Never;

    /// <summary>Something later is on the medium itself: not even a crash brings it back.</summary>
    public bool IsGoneForGood { get; set; }

    /// <summary>It is what a crash may have left.</summary>
    public bool IsLeftByCrash { get; set; }
}
