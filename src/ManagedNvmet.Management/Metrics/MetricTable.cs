using System.Globalization;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Reports;

namespace ManagedNvmet.Management.Metrics;

/// <summary>The table of all metrics of the server. To add a metric, add a row.</summary>
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
        new("nvmet.io.commands", MetricKind.Counter, "{command}", IoTags, "Completed I/O commands",
            of => of.Statistics.Select(row => Io(row, row.Commands))),
        new("nvmet.io.failures", MetricKind.Counter, "{command}", IoTags, "I/O commands that completed with an error status",
            of => of.Statistics.Select(row => Io(row, row.Failures))),
        new("nvmet.io.bytes", MetricKind.Counter, "By", IoTags, "Bytes transferred by I/O commands",
            of => of.Statistics.Select(row => Io(row, row.Bytes))),
        new("nvmet.io.latency", MetricKind.Histogram, "s", IoTags, "Time from the arrival of an I/O command to its completion",
            of => of.Statistics.Where(row => row.LatencyBuckets.Count > 0).Select(Latency)),
        new("nvmet.io.in_flight", MetricKind.Gauge, "{command}", ["subsystem"], "Outstanding I/O commands",
            of => of.Subsystems.Select(each => Value(
                of.Sessions.Where(session => session.SubsystemNqn == each.Nqn).Sum(session => session.CommandsInFlight), each.Nqn))),
        new("nvmet.namespace.media_errors", MetricKind.Counter, "{command}", ["subsystem"], "Commands that failed because of the medium",
            of => of.Subsystems.Select(each => Value(
                of.Namespaces.Where(disk => disk.SubsystemNqn == each.Nqn).Sum(disk => (double)disk.MediaErrors), each.Nqn))),
        new("nvmet.namespaces", MetricKind.Gauge, "{namespace}", ["state"], "Namespaces by state",
            of => Enum.GetValues<NamespaceState>().Select(state => Value(of.Namespaces.Count(disk => disk.State == state), Name(state)))),
        new("nvmet.ports", MetricKind.Gauge, "{port}", ["state"], "Ports, by whether the server listens on them",
            of => [Value(of.Ports.Count(port => port.IsListening), "listening"), Value(of.Ports.Count(port => !port.IsListening), "down")]),
        new("nvmet.connections", MetricKind.Gauge, "{connection}", [], "Open TCP connections",
            of => [Value(of.Server.Connections)]),
        new("nvmet.sessions", MetricKind.Gauge, "{session}", ["kind"], "Controllers that hosts have created",
            of =>
            [
                Value(of.Sessions.Count(session => !session.IsDiscovery), "io"),
                Value(of.Sessions.Count(session => session.IsDiscovery), "discovery"),
            ]),
        new("nvmet.queues", MetricKind.Gauge, "{queue}", [], "I/O queue pairs of all sessions",
            of => [Value(of.Sessions.Sum(session => session.IoQueues))]),
        new("nvmet.hosts.connected", MetricKind.Gauge, "{host}", [], "Hosts with at least one session",
            of => [Value(of.Hosts.Count(host => host.IsConnected))]),
        new("nvmet.hosts.suspected_duplicates", MetricKind.Gauge, "{host}", [],
            "Host NQNs connected with more than one host identifier, which is a sign of cloned machines",
            of => [Value(of.Hosts.Count(host => host.IsSuspectedDuplicate))]),
        new("nvmet.hosts.duplicates", MetricKind.Counter, "{time}", [],
            "Detections of two machines that were connected under one host NQN",
            of => [Value(of.Server.DuplicateHosts)]),
        new("nvmet.configuration.faulty", MetricKind.Gauge, "{file}", [],
            "1 while the configuration file has an error or cannot be applied, so that an older configuration runs; else 0",
            of => [Value(of.Server.ConfigurationFault is null ? 0 : 1)]),
        new("nvmet.refusals", MetricKind.Counter, "{refusal}", ["reason"],
            "Refused connections, PDUs, Connect commands and authentications",
            of => of.Refusals.ByReason.Select(reason => Value(reason.Value, reason.Key))),
        new("nvmet.keep_alive.slack", MetricKind.Gauge, "s", [],
            "Time until the next Keep Alive Timer of any session expires, if that session stays silent",
            of => of.Sessions.Min(session => session.KeepAliveLeftMilliseconds) is { } left ? [Value(left / MillisecondsPerSecond)] : []),
        new("nvmet.buffers.in_use", MetricKind.Gauge, "By", ["shard"], "Memory of the data buffers in use by commands",
            of => of.Server.Shards.Select(shard => Value(shard.BufferBytesInUse, Name(shard.Index)))),
        new("nvmet.buffers.limit", MetricKind.Gauge, "By", ["shard"], "Maximum memory of data buffers in use by commands",
            of => of.Server.Shards.Select(shard => Value(shard.BufferBytesLimit, Name(shard.Index)))),
        new("nvmet.buffers.waiting", MetricKind.Gauge, "{connection}", ["shard"], "Connections with a command that waits for a data buffer",
            of => of.Server.Shards.Select(shard => Value(shard.BufferWaiters, Name(shard.Index)))),
        new("nvmet.shard.rounds", MetricKind.Counter, "{round}", ["shard"], "Rounds of the shard's loop",
            of => of.Server.Shards.Select(shard => Value(shard.Rounds, Name(shard.Index)))),
        new("nvmet.shard.sleeps", MetricKind.Counter, "{sleep}", ["shard"], "Number of times the shard's loop slept until input or a timer",
            of => of.Server.Shards.Select(shard => Value(shard.Sleeps, Name(shard.Index)))),
        new("nvmet.shard.busy", MetricKind.Counter, "s", ["shard"], "Time in which the shard's loop had work",
            of => of.Server.Shards.Select(shard => Value(shard.BusyMicroseconds / MicrosecondsPerSecond, Name(shard.Index)))),
        new("nvmet.shard.spin", MetricKind.Counter, "s", ["shard"],
            "Time in which the shard's loop polled without finding work",
            of => of.Server.Shards.Select(shard => Value(shard.SpinMicroseconds / MicrosecondsPerSecond, Name(shard.Index)))),
        new("nvmet.connections.moves", MetricKind.Counter, "{move}", ["outcome"],
            "Moves of connections from a busy shard to another, and moves given up because the connection still had work in progress",
            of => [Value(of.Transport.Moves, "moved"), Value(of.Transport.MovesGivenUp, "given_up")]),
        new("nvmet.transport.receives", MetricKind.Counter, "{call}", [], "Receive calls that returned data",
            of => [Value(of.Transport.Receives)]),
        new("nvmet.transport.sends", MetricKind.Counter, "{call}", [], "Send calls; one call sends all responses that are ready",
            of => [Value(of.Transport.Sends)]),
        new("nvmet.transport.digest_errors", MetricKind.Counter, "{error}", ["part"],
            "Wrong digests received: a wrong header digest closes its connection, a wrong data digest fails its command",
            of =>
            [
                Value(of.Transport.PduErrors.GetValueOrDefault(nameof(FatalErrorStatus.HeaderDigestError)), "header"),
                Value(of.Transport.DataDigestErrors, "data"),
            ]),
        new("nvmet.transport.pdu_errors", MetricKind.Counter, "{error}", ["status"],
            "Connections closed because of an invalid PDU, by Fatal Error Status",
            of => of.Transport.PduErrors.Select(error => Value(error.Value, error.Key))),
        new("nvmet.process.uptime", MetricKind.Gauge, "s", [], "Time since the start of the server",
            of => [Value(of.Server.UptimeSeconds)]),
        new("nvmet.process.cpu", MetricKind.Counter, "s", [], "CPU time of the process, user and system",
            _ => [Value(Environment.CpuUsage.TotalTime.TotalSeconds)]),
        new("nvmet.process.memory", MetricKind.Gauge, "By", [], "Resident memory of the process",
            _ => [Value(Environment.WorkingSet)]),
        new("nvmet.gc.pauses", MetricKind.Counter, "s", [], "Time in which the garbage collector paused all managed threads",
            _ => [Value(GC.GetTotalPauseDuration().TotalSeconds)]),
        new("nvmet.gc.collections", MetricKind.Counter, "{collection}", ["generation"], "Garbage collections",
            _ => Enumerable.Range(0, GC.MaxGeneration + 1).Select(each => Value(GC.CollectionCount(each), Name(each)))),
        new("nvmet.gc.heap", MetricKind.Gauge, "By", [], "Size of the managed heap",
            _ => [Value(GC.GetTotalMemory(forceFullCollection: false))]),
    ];

    /// <summary>Returns the metric with this name.</summary>
    /// <exception cref="ArgumentException">No metric has this name.</exception>
    public static MetricDefinition Find(string name) => All.FirstOrDefault(each => each.Name == name)
        ?? throw new ArgumentException($"There is no metric '{name}'.", nameof(name));

    private static MetricReading Value(double value, params string[] tags) => new(tags, value);

    private static MetricReading Io(IoStatistics row, ulong value) => new(TagsOf(row), value);

    // The target has a bucket for each power of two from 1 µs to 30 s. Merges those below 8 µs into one bucket, and those above 4.2 s
    // into another, because few commands fall there and each bucket is a series.
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
