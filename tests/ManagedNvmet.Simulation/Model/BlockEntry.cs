namespace ManagedNvmet.Simulation.Model;

/// <summary>One write of one block, or an event with the same effect. It records the contents that the block may have because of it, and
/// for how long.</summary>
internal sealed class BlockEntry(ulong version, long begin)
{
    public const long Never = long.MaxValue;

    public ulong Version { get; } = version;

    /// <summary>Model time at which the host sent the write.</summary>
    public long Begin { get; } = begin;

    /// <summary>Model time from which on the write cannot take effect any more.</summary>
    public long End { get; set; } = Never;

    /// <summary>True when the write has certainly taken effect: it was acknowledged, or its data was read.</summary>
    public bool IsDefinite { get; set; }

    /// <summary>True when its data was read.</summary>
    public bool IsSeen { get; set; }

    /// <summary>Model time from which on every read must return later data.</summary>
    public long SupersededAt { get; set; } = Never;

    /// <summary>True when later data is durable, so that even a crash cannot restore this data.</summary>
    public bool IsGoneForGood { get; set; }

    /// <summary>True when a crash may have left this data.</summary>
    public bool IsLeftByCrash { get; set; }
}
