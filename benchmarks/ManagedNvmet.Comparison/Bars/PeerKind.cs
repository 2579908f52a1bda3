namespace ManagedNvmet.Comparison.Bars;

/// <summary>The servers of the comparison.</summary>
public enum PeerKind
{
    /// <summary>The server of this repository.</summary>
    Ours,

    /// <summary>SPDK's nvmf_tgt, from the source tree that --spdk names.</summary>
    Spdk,

    /// <summary>The minimal NVMe/TCP server in C that --floor names. It shows the lowest cost of the protocol.</summary>
    Floor,

    /// <summary>tgt over iSCSI.</summary>
    Tgt,

    /// <summary>qemu-nbd.</summary>
    QemuNbd,

    /// <summary>nbdkit.</summary>
    Nbdkit,

    /// <summary>No server: fio with its io_uring engine on the file or device itself.</summary>
    LocalFio,
}
