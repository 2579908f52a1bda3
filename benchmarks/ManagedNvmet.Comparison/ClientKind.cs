namespace ManagedNvmet.Comparison;

/// <summary>The client that loads all NVMe/TCP servers.</summary>
public enum ClientKind
{
    /// <summary>The load generator of this repository.</summary>
    NvmeLoad,

    /// <summary>SPDK's spdk_nvme_perf, from the source tree that --spdk names.</summary>
    SpdkPerf,
}
