namespace ManagedNvmet.Comparison.Bars;

/// <summary>Something that a contestant is put to.</summary>
public abstract record Work
{
    /// <summary>Where the server's data lives.</summary>
    public Backing Backing { get; init; }

    /// <summary>The server and the client look for work a moment before they sleep.</summary>
    public bool IsSpinning { get; init; }

    /// <summary>The work in a few words.</summary>
    public abstract string Text { get; }

    /// <summary>The backing in words.</summary>
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
