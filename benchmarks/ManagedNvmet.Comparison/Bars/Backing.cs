namespace ManagedNvmet.Comparison.Bars;

/// <summary>Where the data of a server lives.</summary>
public enum Backing
{
    /// <summary>512 MiB of the server's own memory.</summary>
    Memory,

    /// <summary>Nowhere: reads and writes end at once.</summary>
    Null,

    /// <summary>The file of this run, through the page cache.</summary>
    CachedFile,

    /// <summary>The file of this run, past the page cache (O_DIRECT).</summary>
    DirectFile,

    /// <summary>A loop device over a file of this run, past the page cache.</summary>
    LoopDevice,

    /// <summary>The block device named on the command line, past the page cache.</summary>
    Device,
}
