namespace ManagedNvmet.Comparison.Bars;

/// <summary>Storage of the served namespace.</summary>
public enum Backing
{
    /// <summary>512 MiB of the server's own memory.</summary>
    Memory,

    /// <summary>None: reads and writes complete at once.</summary>
    Null,

    /// <summary>The file of this run, through the page cache.</summary>
    CachedFile,

    /// <summary>The file of this run, without the page cache (O_DIRECT).</summary>
    DirectFile,

    /// <summary>A loop device over a file of this run, without the page cache (O_DIRECT).</summary>
    LoopDevice,

    /// <summary>The block device named on the command line, without the page cache (O_DIRECT).</summary>
    Device,
}
