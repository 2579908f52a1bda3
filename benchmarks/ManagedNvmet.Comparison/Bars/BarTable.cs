namespace ManagedNvmet.Comparison.Bars;

/// <summary>The table of all performance goals. To change a goal, change its row.</summary>
/// <remarks>Where the compared servers poll, this server and the client spin as well (<c>--spin</c>). G3s, G5, G6, G7, G9 and G10 measure
/// this server with its default, which sleeps.</remarks>
public static class BarTable
{
    private const int Large = 128 * 1024;
    private const double BytesThatRoundToNone = 0.5;

    /// <summary>All goals, in the order of measurement and display.</summary>
    public static IReadOnlyList<Bar> All { get; } =
    [
        new("G1", "4 KiB random read, memory", Nvme(Reads(Backing.Memory), iops: 1.25, cpu: 0.75, floorCpu: 1.15)),
        new("G1w", "4 KiB random write and mix, memory", Nvme(Writes(Backing.Memory), iops: 1.6, cpu: 0.6, floorCpu: 1.2)),
        new(
            "G1n",
            "the same on the null device",
            Nvme([.. Reads(Backing.Null), .. Writes(Backing.Null)], iops: null, cpu: 0.75, floorCpu: 1.2)),
        new("G2", "128 KiB sequential, memory", [.. Sequential(reads: 100, least: 1.5), .. Sequential(reads: 0, least: 1.15)]),
        new("G3", "latency at depth 1, spinning briefly", [.. SpinningLatency()]),
        new("G3s", "latency at depth 1, sleeping", [.. SleepingLatency()]),
        new("G4", "many connections, memory", [.. ManyConnections()]),
        new("G5", "near the local disk", [.. new[] { Backing.DirectFile, Backing.LoopDevice, Backing.Device }.SelectMany(LocalDisk)]),
        new(
            "G6",
            "steady state",
            [
                Value(new SteadyWork(), Metric.AllocatedPerIo, most: BytesThatRoundToNone),
                Value(new SteadyWork(), Metric.Collections, most: 0),
                Value(new SteadyWork(), Metric.TailFactor, most: 5),
            ]),
        new(
            "G7",
            "idle",
            [
                Value(new IdleWork { Backing = Backing.DirectFile }, Metric.IdleCpuPercent, most: 0.1),
                Value(new IdleWork { Backing = Backing.DirectFile }, Metric.ResidentMebibytes, most: 100),
                Value(new IdleWork { Backing = Backing.DirectFile }, Metric.AddedMebibytes, most: 20),
            ]),
        new("G8", "start", [Value(new StartWork { Backing = Backing.DirectFile }, Metric.StartMilliseconds, most: 150)]),
        new("G9", "per CPU-second of the server", [.. OtherProtocols()]),
        new("G10", "header and data digests, against none", [.. Digests()]),
    ];

    /// <summary>Names of all goals, separated by commas.</summary>
    public static string Names => string.Join(", ", All.Select(bar => bar.Name));

    private static Load[] Reads(Backing backing) => AtBothDepths(new Load { Backing = backing, Depth = 0, IsSpinning = true });

    private static Load[] Writes(Backing backing) =>
    [
        .. AtBothDepths(new Load { Backing = backing, Depth = 0, ReadPercent = 0, IsSpinning = true }),
        .. AtBothDepths(new Load { Backing = backing, Depth = 0, ReadPercent = 70, IsSpinning = true }),
    ];

    private static Load[] AtBothDepths(Load load) => [load with { Depth = 32 }, load with { Depth = 128 }];

    private static IReadOnlyList<Criterion> Nvme(IEnumerable<Load> loads, double? iops, double cpu, double floorCpu) =>
    [
        .. loads.SelectMany(load => new[]
        {
            Ratio(load, Metric.Iops, PeerKind.Spdk, least: iops),
            Ratio(load, Metric.CpuPerIo, PeerKind.Spdk, most: cpu),
            Ratio(load, Metric.CpuPerIo, PeerKind.Floor, most: floorCpu),
        }),
    ];

    private static IEnumerable<Criterion> Sequential(int reads, double least)
    {
        var load = new Load { Depth = 32, TransferBytes = Large, ReadPercent = reads, IsSequential = true, IsSpinning = true };
        return [Ratio(load, Metric.BytesPerSecond, PeerKind.Spdk, least), Ratio(load, Metric.BytesPerSecond, PeerKind.Floor, least: 0.9)];
    }

    private static IEnumerable<Criterion> SpinningLatency()
    {
        var load = new Load { Depth = 1, IsSpinning = true };
        return
        [
            Ratio(load, Metric.MeanLatency, PeerKind.Spdk, most: 0.8),
            Ratio(load, Metric.P99Latency, PeerKind.Spdk, most: 0.9),
            Ratio(load, Metric.MeanLatency, PeerKind.Floor, most: 1.15),
        ];
    }

    private static IEnumerable<Criterion> SleepingLatency()
    {
        var file = new Load { Backing = Backing.CachedFile, Depth = 1 };
        return
        [
            Ratio(new Load { Depth = 1 }, Metric.MeanLatency, PeerKind.Floor, most: 1.2),
            Ratio(file, Metric.MeanLatency, PeerKind.Nbdkit, most: 1),
            Ratio(file, Metric.MeanLatency, PeerKind.Tgt, most: 1),
        ];
    }

    private static IEnumerable<Criterion> ManyConnections()
    {
        foreach (int total in new[] { 128, 512 })
        {
            foreach (int connections in new[] { 4, 16, 64, 256 }.Where(count => count <= total))
            {
                var load = new Load { Depth = total / connections, Connections = connections, IsSpinning = true };
                yield return Ratio(load, Metric.Iops, PeerKind.Spdk, least: connections is 16 or 64 ? 1.4 : null);
                yield return Ratio(load, Metric.Iops, PeerKind.Floor, least: 0.85);
                yield return Value(load, Metric.Unfairness, most: 1.1);
            }
        }
    }

    private static IEnumerable<Criterion> LocalDisk(Backing backing)
    {
        foreach (int reads in new[] { 100, 0 })
        {
            yield return NearFio(new Load { Backing = backing, Depth = 32, ReadPercent = reads }, Metric.Iops);
            yield return NearFio(
                new Load { Backing = backing, Depth = 32, ReadPercent = reads, TransferBytes = Large, IsSequential = true },
                Metric.BytesPerSecond);
        }
    }

    private static IEnumerable<Criterion> OtherProtocols()
    {
        foreach (int reads in new[] { 100, 0 })
        {
            var cached = new Load { Backing = Backing.CachedFile, Depth = 32, ReadPercent = reads };
            foreach (PeerKind peer in new[] { PeerKind.Tgt, PeerKind.QemuNbd, PeerKind.Nbdkit })
                yield return Ratio(cached, Metric.IosPerCpuSecond, peer, least: 3);
            Load direct = cached with { Backing = Backing.DirectFile };
            foreach (PeerKind peer in new[] { PeerKind.Tgt, PeerKind.QemuNbd })
                yield return Ratio(direct, Metric.IosPerCpuSecond, peer, least: 3);
        }
    }

    private static IEnumerable<Criterion> Digests()
    {
        foreach (int reads in new[] { 100, 0 })
        {
            var small = new Load { Depth = 32, ReadPercent = reads, HasDigests = true };
            Load large = small with { TransferBytes = Large, IsSequential = true };
            yield return AgainstNoDigests(small, Metric.Iops, least: 0.7);
            yield return AgainstNoDigests(large, Metric.BytesPerSecond, least: 0.5);
        }
    }

    private static Criterion AgainstNoDigests(Load load, Metric metric, double least) =>
        new(load, metric, new Contestant(PeerKind.Ours, load with { HasDigests = false }), new Limit(Least: least));

    private static Criterion NearFio(Load load, Metric metric) =>
        new(load, metric, new Contestant(PeerKind.LocalFio, load), new Limit(Least: 0.95, OrCpuExcess: 2));

    private static Criterion Ratio(Load load, Metric metric, PeerKind peer, double? least = null, double? most = null) =>
        new(load, metric, new Contestant(peer, load), new Limit(least, most));

    private static Criterion Value(Work work, Metric metric, double most) => new(work, metric, null, new Limit(Most: most));
}
