using ManagedNvmet.Comparison.Bars;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>qemu-nbd.</summary>
public sealed class QemuNbdPeer(BackingFiles files, int seconds) : NbdPeer(files, seconds)
{
    /// <inheritdoc/>
    public override PeerKind Kind => PeerKind.QemuNbd;

    /// <inheritdoc/>
    protected override (string Program, string Package) Name => ("qemu-nbd", "qemu-utils");

    /// <inheritdoc/>
    protected override IEnumerable<string> Arguments(string disk, bool isCached, int port)
    {
        string[] cache = isCached ? ["--cache=writeback"] : ["--cache=none", "--aio=io_uring"];
        return ["--bind=127.0.0.1", $"--port={port}", "--format=raw", "--persistent", "--shared=8", .. cache, disk];
    }
}
