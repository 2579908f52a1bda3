using System.Globalization;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Reports;

namespace ManagedNvmet.Management.Metrics;

/// <summary>Every metric of the server, said once.</summary>
public static class MetricTable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "ManagedNvmet";

    private const double MicrosecondsPerSecond = 1e6;
    private const double MillisecondsPerSecond = 1e3;
    private const long ShortestMicroseconds = 8;
    private const long LongestMicroseconds = 4_194_304;

    private static readonly string[] IoTags = ["subsystem", "namespace", "host", "operation"];

    /// <summary>The metrics, in the order of the documents.</summary>
    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        new("nvmet.io.commands", MetricKind.Counter, "{command}", IoTags, "I/O commands that ended",
            of => of.Statistics.Select(row => Io(row, row.Commands))),
        new("nvmet.io.failures", MetricKind.Counter, "{command}", IoTags, "I/O commands that ended with an error",
            of => of.Statistics.Select(row => Io(row, row.Failures))),
        new("nvmet.io.bytes", MetricKind.Counter, "By", IoTags, "Bytes that I/O commands transferred",
            of => of.Statistics.Select(row => Io(row, row.Bytes))),
        new("nvmet.io.latency", MetricKind.Histogram, "s", IoTags, "Time from the arrival of an I/O command to its answer",
            of => of.Statistics.Where(row => row.LatencyBuckets.Count > 0).Select(Latency)),
        new("nvmet.io.in_flight", MetricKind.Gauge, "{command}", ["subsystem"], "I/O commands that are not answered yet",
            of => of.Subsystems.Select(each => Value(
                of.Sessions.Where(session => session.SubsystemNqn == each.Nqn).Sum(session => session.CommandsInFlight), each.Nqn))),
        new("nvmet.namespace.media_errors", MetricKind.Counter, "{command}", ["subsystem"], "Commands that failed because of the medium",
            of => of.Subsystems.Select(each => Value(
                of.Namespaces.Where(disk => disk.SubsystemNqn == each.Nqn).Sum(disk => (double)disk.MediaErrors), each.Nqn))),
        new("nvmet.namespaces", MetricKind.Gauge, "{namespace}", ["state"], "Namespaces by whether hosts can use them",
            of => Enum.GetValues<NamespaceState>().Select(state => Value(of.Namespaces.Count(disk => disk.State == state), Name(state)))),
        new("nvmet.ports", MetricKind.Gauge, "{port}", ["state"], "Addresses by whether they are listened on",
            of => [Value(of.Ports.Count(port => port.IsListening), "listening"), Value(of.Ports.Count(port => !port.IsListening), "down")]),
        new("nvmet.connections", MetricKind.Gauge, "{connection}", [], "Open TCP connections",
            of => [Value(of.Server.Connections)]),
        new("nvmet.sessions", MetricKind.Gauge, "{session}", ["kind"], "Controllers of hosts",
            of =>
            [
                Value(of.Sessions.Count(session => !session.IsDiscovery), "io"),
                Value(of.Sessions.Count(session => session.IsDiscovery), "discovery"),
            ]),
        new("nvmet.queues", MetricKind.Gauge, "{queue}", [], "I/O queues of all sessions",
            of => [Value(of.Sessions.Sum(session => session.IoQueues))]),
        new("nvmet.hosts.connected", MetricKind.Gauge, "{host}", [], "Hosts with at least one session",
            of => [Value(of.Hosts.Count(host => host.IsConnected))]),
        new("nvmet.hosts.suspected_duplicates", MetricKind.Gauge, "{host}", [],
            "Host NQNs that are connected with more than one host identifier, as cloned machines are",
            of => [Value(of.Hosts.Count(host => host.IsSuspectedDuplicate))]),
        new("nvmet.hosts.duplicates", MetricKind.Counter, "{time}", [],
            "Times that two machines were connected under one host NQN",
            of => [Value(of.Server.DuplicateHosts)]),
        new("nvmet.refusals", MetricKind.Counter, "{refusal}", ["reason"], "What was refused: connections, PDUs, Connects, authentications",
            of => of.Refusals.ByReason.Select(reason => Value(reason.Value, reason.Key))),
        new("nvmet.keep_alive.slack", MetricKind.Gauge, "s", [],
            "Time that is left to the session that is nearest to the end of its Keep Alive Timeout",
            of => of.Sessions.Min(session => session.KeepAliveLeftMilliseconds) is { } left ? [Value(left / MillisecondsPerSecond)] : []),
        new("nvmet.buffers.in_use", MetricKind.Gauge, "By", ["shard"], "Data buffers that commands hold",
            of => of.Server.Shards.Select(shard => Value(shard.BufferBytesInUse, Name(shard.Index)))),
        new("nvmet.buffers.limit", MetricKind.Gauge, "By", ["shard"], "Data buffers that commands may hold",
            of => of.Server.Shards.Select(shard => Value(shard.BufferBytesLimit, Name(shard.Index)))),
        new("nvmet.buffers.waiting", MetricKind.Gauge, "{connection}", ["shard"], "Connections with commands that wait for a data buffer",
            of => of.Server.Shards.Select(shard => Value(shard.BufferWaiters, Name(shard.Index)))),
        new("nvmet.shard.rounds", MetricKind.Counter, "{round}", ["shard"], "Rounds of a shard's loop",
            of => of.Server.Shards.Select(shard => Value(shard.Rounds, Name(shard.Index)))),
        new("nvmet.shard.sleeps", MetricKind.Counter, "{sleep}", ["shard"], "Times that a shard's loop went to sleep",
            of => of.Server.Shards.Select(shard => Value(shard.Sleeps, Name(shard.Index)))),
        new("nvmet.shard.busy", MetricKind.Counter, "s", ["shard"], "Time in which a shard's loop had work",
            of => of.Server.Shards.Select(shard => Value(shard.BusyMicroseconds / MicrosecondsPerSecond, Name(shard.Index)))),
        new("nvmet.shard.spin", MetricKind.Counter, "s", ["shard"], "Time in which a shard's loop looked for work in vain instead of sleeping",
            of => of.Server.Shards.Select(shard => Value(shard.SpinMicroseconds / MicrosecondsPerSecond, Name(shard.Index)))),
        new("nvmet.connections.moves", MetricKind.Counter, "{move}", ["outcome"],
            "Connections that were to go from a busy shard to another: those that did, and those that did not come to rest in time",
            of => [Value(of.Transport.Moves, "moved"), Value(of.Transport.MovesGivenUp, "given_up")]),
        new("nvmet.transport.receives", MetricKind.Counter, "{call}", [], "Receive calls that brought bytes",
            of => [Value(of.Transport.Receives)]),
        new("nvmet.transport.sends", MetricKind.Counter, "{call}", [], "Send calls, each with as many responses as were ready",
            of => [Value(of.Transport.Sends)]),
        new("nvmet.transport.digest_errors", MetricKind.Counter, "{error}", ["part"],
            "Wrong digests in what hosts sent: of headers, each of which ended its connection, and of data, each of which failed its command",
            of =>
            [
                Value(of.Transport.PduErrors.GetValueOrDefault(nameof(FatalErrorStatus.HeaderDigestError)), "header"),
                Value(of.Transport.DataDigestErrors, "data"),
            ]),
        new("nvmet.transport.pdu_errors", MetricKind.Counter, "{error}", ["status"],
            "Connections that were ended because of a PDU that broke the protocol, by fatal error status",
            of => of.Transport.PduErrors.Select(error => Value(error.Value, error.Key))),
        new("nvmet.process.uptime", MetricKind.Gauge, "s", [], "Time since the server was started",
            of => [Value(of.Server.UptimeSeconds)]),
        new("nvmet.process.cpu", MetricKind.Counter, "s", [], "Processor time of the process",
            _ => [Value(Environment.CpuUsage.TotalTime.TotalSeconds)]),
        new("nvmet.process.memory", MetricKind.Gauge, "By", [], "Physical memory of the process",
            _ => [Value(Environment.WorkingSet)]),
        new("nvmet.gc.pauses", MetricKind.Counter, "s", [], "Time in which the garbage collector held all threads of .NET",
            _ => [Value(GC.GetTotalPauseDuration().TotalSeconds)]),
        new("nvmet.gc.collections", MetricKind.Counter, "{collection}", ["generation"], "Garbage collections",
            _ => Enumerable.Range(0, GC.MaxGeneration + 1).Select(each => Value(GC.CollectionCount(each), Name(each)))),
        new("nvmet.gc.heap", MetricKind.Gauge, "By", [], "Size of the managed heap",
            _ => [Value(GC.GetTotalMemory(forceFullCollection: false))]),
    ];

    /// <summary>The metric of this name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static MetricDefinition Find(string name) => All.FirstOrDefault(each => each.Name == name)
        ?? throw new ArgumentException($"There is no metric '{name}'.", nameof(name));

    private static MetricReading Value(double value, params string[] tags) => new(tags, value);

    private static MetricReading Io(IoStatistics row, ulong value) => new(TagsOf(row), value);

    // The target counts from 1 µs to 30 s in powers of two; below and above what disks and networks do, one bucket is enough.
    private static MetricReading Latency(IoStatistics row)
    {
        int first = 0;
        while (first < row.LatencyBounds.Count - 1 && row.LatencyBounds[first] < ShortestMicroseconds)
            first++;
        int last = row.LatencyBounds.Count - 1;
        while (last > first && row.LatencyBounds[last] > LongestMicroseconds)
            last--;
        return new MetricReading(
            TagsOf(row),
            row.LatencyMicroseconds / MicrosecondsPerSecond,
            [.. row.LatencyBounds.Skip(first).Take(last - first + 1).Select(bound => bound / MicrosecondsPerSecond)],
            [
                Sum(row.LatencyBuckets.Take(first + 1)),
                .. row.LatencyBuckets.Skip(first + 1).Take(last - first),
                Sum(row.LatencyBuckets.Skip(last + 1)),
            ]);
    }

    private static ulong Sum(IEnumerable<ulong> counts) => counts.Aggregate(0UL, (sum, count) => sum + count);

    private static string[] TagsOf(IoStatistics row) =>
    [
        row.SubsystemNqn,
        row.NamespaceId == SeriesLimit.NoNamespace ? SeriesLimit.Others : Name((int)row.NamespaceId),
        row.HostNqn ?? "(all)",
        Name(row.Operation),
    ];

    private static string Name(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
