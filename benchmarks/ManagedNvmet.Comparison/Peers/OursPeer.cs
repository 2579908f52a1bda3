using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Clients;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>The server of this repository.</summary>
public sealed class OursPeer(ComparisonOptions options, BackingFiles files, LoadClient client) : ServerPeer
{
    /// <summary>NQN of the subsystem.</summary>
    public const string Nqn = "nqn.2026-11.io.example:compare";

    private readonly bool _canSpin = CanSpin(options.Server);

    /// <inheritdoc/>
    public override PeerKind Kind => PeerKind.Ours;

    /// <inheritdoc/>
    public override string? Missing(Work work) =>
        Spins(work) && !_canSpin ? "this server has no option --spin" : files.Missing(work.Backing);

    /// <summary>Starts a server with one shard, as most bars require.</summary>
    public Task<PeerServer> StartPinnedAsync(Work work, CancellationToken cancellationToken)
    {
        List<string> more = ["--shards", "1"];
        if (Spins(work))
            more.AddRange(["--spin", options.SpinMicroseconds.ToString(CultureInfo.InvariantCulture)]);
        return StartAsync(work, more, cancellationToken);
    }

    /// <summary>Starts a server with default settings.</summary>
    public Task<PeerServer> StartDefaultAsync(Work work, CancellationToken cancellationToken) => StartAsync(work, [], cancellationToken);

    /// <inheritdoc/>
    protected override Task<PeerServer> StartAsync(Work work, CancellationToken cancellationToken) =>
        StartPinnedAsync(work, cancellationToken);

    /// <inheritdoc/>
    protected override LoadClient ClientFor(Load load) => client;

    /// <inheritdoc/>
    protected override async Task<ProcessorReading> ReadProcessorAsync(PeerServer server, CancellationToken cancellationToken)
    {
        double used = ProcessorClock.Microseconds(server.Process.Id);
        if (!server.IsPolling)
            return new ProcessorReading(used);

        try
        {
            JsonElement shard = JsonSerializer.Deserialize<JsonElement>(
                await server.Management!.GetByteArrayAsync("http://localhost/v1/status", cancellationToken)).GetProperty("shards")[0];
            return new ProcessorReading(
                used, shard.GetProperty("busyMicroseconds").GetDouble(), shard.GetProperty("spinMicroseconds").GetDouble());
        }
        catch (HttpRequestException)
        {
            // The server has ended. The client reports that with a better message.
            return new ProcessorReading(double.NaN);
        }
    }

    private bool Spins(Work work) => work.IsSpinning && options.SpinMicroseconds > 0;

    private async Task<PeerServer> StartAsync(Work work, IReadOnlyList<string> more, CancellationToken cancellationToken)
    {
        string size = (BackingFiles.Size >> 20).ToString(CultureInfo.InvariantCulture) + "M";
        string disk = work.Backing switch
        {
            Backing.Memory => $"mem:{size},block-size=4096",
            Backing.Null => $"null:{size}",

            // Other servers hold a lock on the file while they are stopped; 'force' opens it anyway.
            Backing.CachedFile => await files.PathAsync(work.Backing, cancellationToken) + ",force,buffered",
            Backing.Device => await files.PathAsync(work.Backing, cancellationToken),
            _ => await files.PathAsync(work.Backing, cancellationToken) + ",force",
        };
        int port = Machine.FreePort();
        ChildProcess process = ChildProcess.Start(
            options.Server,
            [
                "--namespace", disk, "--listen", $"127.0.0.1:{port}", "--nqn", Nqn, "--log-level", "Warning",
                "--state-directory", StateOf(port), .. more,
            ],
            Machine.ServerCore);
        var server = new PeerServer(process, port, Nqn) { IsPolling = Spins(work), Management = ManagementAt(port) };
        return await server.ListeningAsync(cancellationToken);
    }

    // Keeps the connection open between readings, because a new one costs more than a reading. Connections that are idle for a second are
    // closed, because they do not survive a pause of the server.
    private HttpClient ManagementAt(int port)
    {
        string path = Path.Combine(StateOf(port), "management.sock");
        return new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = (_, token) => ConnectAsync(path, token),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(1),
        });
    }

    private string StateOf(int port) => Path.Combine(files.Folder, $"state-{port}");

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool CanSpin(string program)
    {
        Task<string> help = ChildProcess.RunAsync(program, ["--help"], null, CancellationToken.None);
        return help.GetAwaiter().GetResult().Contains("--spin ", StringComparison.Ordinal);
    }
}
