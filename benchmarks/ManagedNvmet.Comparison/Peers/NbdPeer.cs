using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Clients;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>An NBD server, which fio loads with its nbd engine.</summary>
public abstract class NbdPeer(BackingFiles files, int seconds) : ServerPeer
{
    /// <summary>The program and its Debian package.</summary>
    protected abstract (string Program, string Package) Name { get; }

    /// <inheritdoc/>
    public override string? Missing(Work work) => MissingProgram(Name.Program, Name.Package) ?? MissingProgram("fio", "fio");

    /// <inheritdoc/>
    protected override LoadClient ClientFor(Load load) => new FioClient(seconds);

    /// <inheritdoc/>
    protected override async Task<PeerServer> StartAsync(Work work, CancellationToken cancellationToken)
    {
        string disk = await files.PathAsync(work.Backing, cancellationToken);
        int port = Machine.FreePort();
        IEnumerable<string> arguments = Arguments(disk, work.Backing == Backing.CachedFile, port);
        ChildProcess process = ChildProcess.Start(Name.Program, arguments, Machine.ServerCore);
        return await new PeerServer(process, port, $"nbd://127.0.0.1:{port}/").ListeningAsync(cancellationToken);
    }

    /// <summary>Returns the arguments of the server.</summary>
    /// <param name="disk">Path of the file or device.</param>
    /// <param name="isCached">True to use the page cache, false for O_DIRECT.</param>
    /// <param name="port">TCP port on 127.0.0.1.</param>
    protected abstract IEnumerable<string> Arguments(string disk, bool isCached, int port);
}
