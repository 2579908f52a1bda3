using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Clients;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>SPDK's nvmf_tgt with its posix sockets and without huge pages. It polls, and reports the time of polls that found
/// work.</summary>
public sealed class SpdkPeer(SpdkTree? tree, BackingFiles files, LoadClient client) : ServerPeer
{
    private const string Nqn = "nqn.2026-11.io.example:spdk";
    private const int QueueEntries = 256;
    private const int Queues = 512;
    private const int LargestTransfer = 128 * 1024;
    private const int InCapsuleBytes = 8192;
    private const int BlockSize = 4096;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public override PeerKind Kind => PeerKind.Spdk;

    /// <inheritdoc/>
    public override string? Missing(Work work) => tree is null ? "no source tree given; give one with --spdk DIR" : null;

    /// <inheritdoc/>
    protected override LoadClient ClientFor(Load load) => client;

    /// <inheritdoc/>
    protected override async Task<PeerServer> StartAsync(Work work, CancellationToken cancellationToken)
    {
        int port = Machine.FreePort();
        string socket = SocketOf(port);
        string mask = $"0x{1 << Machine.ServerCore:x}";
        ChildProcess process = ChildProcess.Start(
            tree!.Target,
            // Several instances use the same processor, one at a time, so SPDK's lock on the processor is disabled.
            ["-m", mask, "--disable-cpumask-locks", "--no-huge", "-s", "2048", "--no-pci", "-r", socket],
            Machine.ServerCore,
            tree.Libraries);
        var server = new PeerServer(process, port, Nqn) { Leftovers = [socket, socket + ".lock"], IsPolling = true };
        try
        {
            using SpdkRpc rpc = await ConnectAsync(server, cancellationToken);
            await ConfigureAsync(rpc, work.Backing, port, cancellationToken);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
        return await server.ListeningAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task<ProcessorReading> ReadProcessorAsync(PeerServer server, CancellationToken cancellationToken)
    {
        using SpdkRpc rpc = await ConnectAsync(server, cancellationToken);
        JsonElement answer = await rpc.CallAsync("framework_get_reactors", null, cancellationToken);
        JsonElement reactor = answer.GetProperty("reactors")[0];
        return new ProcessorReading(
            ProcessorClock.Microseconds(server.Process.Id),
            reactor.GetProperty("busy").GetDouble(),
            reactor.GetProperty("idle").GetDouble());
    }

    private string SocketOf(int port) => Path.Combine(files.Folder, $"spdk-{port}.sock");

    private async Task<SpdkRpc> ConnectAsync(PeerServer server, CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var rpc = new SpdkRpc();
            try
            {
                await rpc.ConnectAsync(SocketOf(server.Port), cancellationToken);
                return rpc;
            }
            catch (SocketException) when (!server.Process.HasExited && waited.Elapsed < StartTimeout)
            {
                rpc.Dispose();
                await Task.Delay(50, cancellationToken);
            }
            catch (SocketException)
            {
                rpc.Dispose();
                throw new ComparisonException($"SPDK's target does not accept RPC connections: {server.Process.OutputTail}");
            }
        }
    }

    private static async Task ConfigureAsync(SpdkRpc rpc, Backing backing, int port, CancellationToken cancellationToken)
    {
        var disk = new { name = "disk", num_blocks = BackingFiles.Size / BlockSize, block_size = BlockSize };
        var address = new { trtype = "TCP", adrfam = "IPv4", traddr = "127.0.0.1", trsvcid = port.ToString(CultureInfo.InvariantCulture) };
        (string Method, object Parameters)[] calls =
        [
            (
                "nvmf_create_transport",
                new
                {
                    trtype = "TCP", max_queue_depth = QueueEntries, max_io_qpairs_per_ctrlr = Queues, in_capsule_data_size = InCapsuleBytes,
                    max_io_size = LargestTransfer, io_unit_size = LargestTransfer,
                }),
            (backing == Backing.Memory ? "bdev_malloc_create" : "bdev_null_create", disk),
            ("nvmf_create_subsystem", new { nqn = Nqn, allow_any_host = true }),
            ("nvmf_subsystem_add_ns", new { nqn = Nqn, @namespace = new { bdev_name = "disk" } }),
            (
                "nvmf_subsystem_add_listener",
                new { nqn = Nqn, listen_address = address }),
        ];
        foreach ((string method, object parameters) in calls)
            await rpc.CallAsync(method, parameters, cancellationToken);
    }
}
