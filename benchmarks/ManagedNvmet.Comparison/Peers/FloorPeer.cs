using System.Buffers.Binary;
using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Clients;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>The bare server. It polls, or sleeps where the work is about that; its file of counters tells the time of passes that did
/// work.</summary>
public sealed class FloorPeer(string? program, BackingFiles files, LoadClient client) : ServerPeer
{
    private const int MostConnections = 255;

    // Of the file of counters: 64-bit numbers, of which these are in ticks of the processor's clock.
    private const int BusyOffset = 8;
    private const int IdleOffset = 16;
    private const int CountersLength = 24;

    /// <inheritdoc/>
    public override PeerKind Kind => PeerKind.Floor;

    /// <inheritdoc/>
    public override string? Missing(Work work) => work switch
    {
        _ when program is null => "no program given: --floor BINARY",
        Load { Connections: > MostConnections } => $"it holds at most {MostConnections} I/O connections",
        _ => null,
    };

    /// <inheritdoc/>
    protected override LoadClient ClientFor(Load load) => client;

    /// <inheritdoc/>
    protected override async Task<PeerServer> StartAsync(Work work, CancellationToken cancellationToken)
    {
        int port = Machine.FreePort();

        // A name with 'null' in it gets the namespace that copies nothing.
        string nqn = $"nqn.2026-11.io.example:{(work.Backing == Backing.Null ? "null" : "floor")}";
        string counters = CountersOf(port);
        ChildProcess process = ChildProcess.Start(
            program!,
            [
                "--port", $"{port}", "--core", $"{Machine.ServerCore}", "--stats", counters, "--engine", "epoll", "--spin", IsSleeping(work) ? "0" : "-1",
                "--rbuf", "262144", "--sndbuf", "262144", "--nt", "1", "--mqes", "255",
            ],
            Machine.ServerCore);
        return await new PeerServer(process, port, nqn) { Leftovers = [counters], IsPolling = !IsSleeping(work) }
            .ListeningAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task<ProcessorReading> ReadProcessorAsync(PeerServer server, CancellationToken cancellationToken)
    {
        double used = ProcessorClock.Microseconds(server.Process.Id);
        if (!server.IsPolling)
            return new ProcessorReading(used);
        byte[] counters = new byte[CountersLength];
        await using (FileStream file = File.Open(CountersOf(server.Port), FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
            await file.ReadExactlyAsync(counters, cancellationToken);
        return new ProcessorReading(
            used,
            BinaryPrimitives.ReadInt64LittleEndian(counters.AsSpan(BusyOffset)),
            BinaryPrimitives.ReadInt64LittleEndian(counters.AsSpan(IdleOffset)));
    }

    /// <inheritdoc/>
    protected override object SettingFor(Work work) => (work.Backing, IsSleeping(work));

    private static bool IsSleeping(Work work) => work is Load { Depth: 1, IsSpinning: false };

    private string CountersOf(int port) => Path.Combine(files.Folder, $"floor-{port}.counters");
}
