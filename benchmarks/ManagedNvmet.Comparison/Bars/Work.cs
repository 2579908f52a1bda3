namespace ManagedNvmet.Comparison.Bars;

/// <summary>A workload.</summary>
public abstract record Work
{
    /// <summary>Storage of the served namespace.</summary>
    public Backing Backing { get; init; }

    /// <summary>True when server and client poll for a short time before they sleep.</summary>
    public bool IsSpinning { get; init; }

    /// <summary>Short description for the table.</summary>
    public abstract string Text { get; }

    /// <summary>Short description of the storage.</summary>
    protected string BackingText => Backing switch
    {
        Backing.Memory => "memory",
        Backing.Null => "null",
        Backing.CachedFile => "file in page cache",
        Backing.DirectFile => "file O_DIRECT",
        Backing.LoopDevice => "loop device O_DIRECT",
        _ => "device O_DIRECT",
    };
}
