using ManagedNvmet.Comparison.Bars;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>nbdkit with its file plugin.</summary>
public sealed class NbdkitPeer(BackingFiles files, int seconds) : NbdPeer(files, seconds)
{
    /// <inheritdoc/>
    public override PeerKind Kind => PeerKind.Nbdkit;

    /// <inheritdoc/>
    protected override (string Program, string Package) Name => ("nbdkit", "nbdkit");

    /// <inheritdoc/>
    public override string? Missing(Work work) =>
        base.Missing(work) ?? (work.Backing != Backing.CachedFile ? "its file plugin has no O_DIRECT" : null);

    /// <inheritdoc/>
    protected override IEnumerable<string> Arguments(string disk, bool isCached, int port) =>
        ["--foreground", "--ipaddr=127.0.0.1", $"--port={port}", "file", disk];
}
