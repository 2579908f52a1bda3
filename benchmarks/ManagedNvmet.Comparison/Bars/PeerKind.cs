namespace ManagedNvmet.Comparison.Bars;

/// <summary>Who can take part.</summary>
public enum PeerKind
{
    /// <summary>The server of this repository.</summary>
    Ours,

    /// <summary>SPDK's nvmf_tgt, from a tree that --spdk names.</summary>
    Spdk,

    /// <summary>The bare server that --floor names.</summary>
    Floor,

    /// <summary>tgt over iSCSI.</summary>
    Tgt,

    /// <summary>qemu-nbd.</summary>
    QemuNbd,

    /// <summary>nbdkit.</summary>
    Nbdkit,

    /// <summary>No server: fio's io_uring engine on the file or device itself.</summary>
    LocalFio,
}
