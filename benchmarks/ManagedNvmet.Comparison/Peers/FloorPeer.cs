using System.Buffers.Binary;
using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Clients;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>The minimal NVMe/TCP server in C. It polls, except for the workloads that measure a sleeping server. Its file of counters
/// contains the time of polls that found work.</summary>
public sealed class FloorPeer(string? program, BackingFiles files, LoadClient client) : ServerPeer
{
    private const int MaxConnections = 255;

    // Offsets in the file of counters. The counters are 64-bit numbers; these two are in ticks of the time stamp counter.
    private const int BusyOffset = 8;
    private const int IdleOffset = 16;
    private const int CountersLength = 24;

    /// <inheritdoc/>
    public override PeerKind Kind => PeerKind.Floor;

    /// <inheritdoc/>
    public override string? Missing(Work work) => work switch
    {
        _ when program is null => "no program given; give one with --floor BINARY",
        Load { Connections: > MaxConnections } => $"it supports at most {MaxConnections} I/O connections",
        _ => null,
    };

    /// <inheritdoc/>
    protected override LoadClient ClientFor(Load load) => client;

    /// <inheritdoc/>
    protected override async Task<PeerServer> StartAsync(Work work, CancellationToken cancellationToken)
    {
        int port = Machine.FreePort();

        // An NQN that contains 'null' selects the namespace without storage.
        string nqn = $"nqn.2026-11.io.example:{(work.Backing == Backing.Null ? "null" : "floor")}";
        string counters = CountersOf(port);
        ChildProcess process = ChildProcess.Start(
            program!,
            [
                "--port", $"{port}", "--core", $"{Machine.ServerCore}", "--stats", counters, "--engine", "epoll",
                "--spin", IsSleeping(work) ? "0" : "-1", "--rbuf", "262144", "--sndbuf", "262144", "--nt", "1", "--mqes", "255",
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
