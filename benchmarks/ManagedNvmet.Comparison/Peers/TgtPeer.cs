using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Clients;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>tgt, an iSCSI target, which libiscsi's iscsi-perf loads.</summary>
public sealed class TgtPeer(BackingFiles files, int seconds) : ServerPeer
{
    /// <summary>Block size of the logical unit in bytes.</summary>
    public const int BlockSize = 4096;

    private const string Name = "iqn.2026-11.io.example:compare";
    private const int MaxControlPort = 0x7FFF;
    private const string ControlFolder = "/var/run/tgtd";

    /// <inheritdoc/>
    public override PeerKind Kind => PeerKind.Tgt;

    /// <inheritdoc/>
    public override string? Missing(Work work) =>
        MissingProgram("tgtd", "tgt") ?? MissingProgram("iscsi-perf", "libiscsi-bin")
        ?? (Environment.UserName != "root" ? "tgtd needs root" : null)
        ?? (work is Load { ReadPercent: < 100 } ? "its client, iscsi-perf, only reads" : null);

    /// <inheritdoc/>
    protected override LoadClient ClientFor(Load load) => new IscsiPerfClient(seconds);

    /// <inheritdoc/>
    protected override async Task<PeerServer> StartAsync(Work work, CancellationToken cancellationToken)
    {
        string disk = await files.PathAsync(work.Backing, cancellationToken);
        int port = Machine.FreePort();
        string control = $"{port & MaxControlPort}";
        string socket = Path.Combine(ControlFolder, $"socket.{control}");
        ChildProcess process = ChildProcess.Start(
            Machine.Find("tgtd")!, ["-f", "-C", control, "--iscsi", $"portal=127.0.0.1:{port}"], Machine.ServerCore);
        PeerServer server = new(process, port, $"iscsi://127.0.0.1:{port}/{Name}/1") { Leftovers = [socket, socket + ".lock"] };
        await server.ListeningAsync(cancellationToken);
        try
        {
            // The backing store 'aio' opens the file with O_DIRECT, 'rdwr' uses the page cache.
            string backing = work.Backing == Backing.CachedFile ? "rdwr" : "aio";
            string[][] calls =
            [
                ["--mode", "target", "--op", "new", "--tid", "1", "--targetname", Name],
                [
                    "--mode", "logicalunit", "--op", "new", "--tid", "1", "--lun", "1", "--backing-store", disk, "--bstype", backing,
                    "--blocksize", $"{BlockSize}",
                ],
                ["--mode", "target", "--op", "bind", "--tid", "1", "--initiator-address", "ALL"],
            ];
            foreach (string[] call in calls)
                await ChildProcess.RunAsync(Machine.Find("tgtadm")!, ["-C", control, "--lld", "iscsi", .. call], null, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
