namespace ManagedNvmet.Comparison;

/// <summary>The client of all NVMe/TCP servers.</summary>
public enum ClientKind
{
    /// <summary>The load generator of this repository.</summary>
    NvmeLoad,

    /// <summary>SPDK's perf, from the tree that --spdk names.</summary>
    SpdkPerf,
}
