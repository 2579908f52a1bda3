using System.CommandLine;
using System.Globalization;
using ManagedNvmet.Management.Api;
using ManagedNvmet.Management.Events;
using ManagedNvmet.Reports;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The verbs that show what the server does.</summary>
internal static class LookVerbs
{
    private const int DefaultCount = 20;

    public static IEnumerable<Command> All() =>
    [
        Verb.Create("status", "Shows what is served, to whom, and how it does", StatusAsync),
        Verb.Create("hosts", "Lists the hosts that are connected or may connect", HostsAsync),
        Verb.Create("sessions", "Lists the sessions: controllers and the hosts that made them", SessionsAsync),
        Kill(),
        Refused(),
        Events(),
    ];

    private static async Task StatusAsync(VerbCall call)
    {
        Overview overview = await call.Client.GetAsync("/v1/overview", ManagementJson.Default.Overview,
            call.CancellationToken).ConfigureAwait(false);
        VerbOutput output = call.Output;
        if (output.IsJson)
        {
            output.Json(overview, ManagementJson.Default.Overview);
            return;
        }
        ServerReport server = overview.Server;
        long inUse = server.Shards.Sum(shard => shard.BufferBytesInUse);
        long limit = server.Shards.Sum(shard => shard.BufferBytesLimit);
        output.Line($"ManagedNvmet {server.Version}, {server.State.ToString().ToLowerInvariant()} for "
            + $"{VerbOutput.Duration(TimeSpan.FromSeconds(server.UptimeSeconds))}, process {server.ProcessId}");
        output.Line($"{server.Shards.Count} {(server.Shards.Count == 1 ? "shard" : "shards")}, {server.DiskEngine}, "
            + $"{server.Connections} connections, buffers {VerbOutput.Bytes(inUse)} of {VerbOutput.Bytes(limit)}");
        output.Line($"{overview.Counts.HostsConnected} hosts connected, {overview.Counts.Sessions} sessions, {overview.Refusals.Total} refused");
        if (server.ConfigurationFault is { } fault)
            output.Line($"The configuration file is not in force, an older configuration runs: {fault}");
        TransportCounters transport = overview.Transport;
        if (transport.DataDigestErrors + transport.PduErrors.Values.Sum() > 0)
        {
            output.Line($"{transport.DataDigestErrors} commands with damaged data (digest), {transport.PduErrors.Values.Sum()} connections ended by wrong PDUs: "
                + string.Join(", ", transport.PduErrors.Where(each => each.Value > 0).Select(each => $"{each.Value} {each.Key}").DefaultIfEmpty("none")));
        }
        output.Line("");
        List<(string Header, Func<PortReport, string> Cell)> columns =
        [
            ("port", row => Number(row.Id)),
            ("address", row => row.Address),
            ("state", row => row.IsListening ? "listening" : $"down: {row.Problem}"),
            ("subsystems", row => row.Subsystems is { } some ? Number(some.Count) : "all"),
            ("sessions", row => Number(row.Sessions)),
        ];
        if (overview.Ports.Any(port => port.Mdns is not null))
            columns.Add(("mDNS", row => row.Mdns ?? ""));
        output.Rows(overview.Ports, "No port.", [.. columns]);
        output.Line("");
        output.Rows(overview.Subsystems, "No subsystem.",
            ("subsystem", row => row.Nqn),
            ("serial number", row => row.SerialNumber),
            ("hosts", row => row.AllowsAnyHost ? "any" : Number(row.AllowedHosts.Count)),
            ("namespaces", row => Number(row.Namespaces)),
            ("sessions", row => Number(row.Sessions)));
        output.Line("");
        output.Rows(overview.Namespaces, "No namespace.",
            ("namespace", row => row.Id.ToString(CultureInfo.InvariantCulture)),
            ("device", row => row.Device),
            ("size", row => VerbOutput.Bytes(row.SizeBytes)),
            ("state", StateOf),
            ("read", row => VerbOutput.Bytes(row.ReadBytes)),
            ("written", row => VerbOutput.Bytes(row.WrittenBytes)),
            ("errors", row => row.MediaErrors.ToString(CultureInfo.InvariantCulture)),
            ("subsystem", row => row.SubsystemNqn));
        if (overview.Counts.Namespaces > overview.Namespaces.Count)
            output.Line($"({overview.Namespaces.Count} of {overview.Counts.Namespaces} namespaces; export shows all)");
    }

    private static string StateOf(NamespaceReport row) => row.State switch
    {
        NamespaceState.Ready => row.IsReadOnly ? "read-only" : "ready",
        NamespaceState.Disabled => "disabled",
        _ => $"not ready: {row.Problem}",
    };

    private static async Task HostsAsync(VerbCall call)
    {
        IReadOnlyList<HostReport> hosts = await call.Client.GetAsync(
            "/v1/hosts", ManagementJson.Default.IReadOnlyListHostReport, call.CancellationToken).ConfigureAwait(false);
        if (call.Output.IsJson)
        {
            call.Output.Json(hosts, ManagementJson.Default.IReadOnlyListHostReport);
            return;
        }
        call.Output.Rows(hosts, "No host is connected, and none is named.",
            ("host", row => row.Nqn),
            ("state", row => row.IsSuspectedDuplicate ? "connected twice: a clone?" : row.IsConnected ? "connected" : "away"),
            ("sessions", row => Number(row.Sessions)),
            ("i/o queues", row => Number(row.IoQueues)),
            ("addresses", row => string.Join(", ", row.Addresses)),
            ("allowed on", row => Number(row.AllowedOn.Count)));
    }

    private static async Task SessionsAsync(VerbCall call)
    {
        IReadOnlyList<SessionReport> sessions = await call.Client.GetAsync(
            "/v1/sessions", ManagementJson.Default.IReadOnlyListSessionReport, call.CancellationToken).ConfigureAwait(false);
        if (call.Output.IsJson)
        {
            call.Output.Json(sessions, ManagementJson.Default.IReadOnlyListSessionReport);
            return;
        }
        call.Output.Rows(sessions, "No host is connected.",
            ("session", row => row.Number.ToString(CultureInfo.InvariantCulture)),
            ("host", row => row.HostNqn),
            ("from", row => row.RemoteAddress),
            ("state", row => row.State.ToLowerInvariant()),
            ("i/o queues", row => Number(row.IoQueues)),
            ("in flight", row => Number(row.CommandsInFlight)),
            ("keep alive", row => row.KeepAliveMilliseconds == 0 ? "off" : $"{row.KeepAliveMilliseconds / 1000.0:0.#} s"),
            ("subsystem", row => row.IsDiscovery ? "(discovery)" : row.SubsystemNqn));
    }

    private static Command Kill()
    {
        var number = new Argument<long>("session") { Description = "Its number, as 'sessions' shows it" };
        Command verb = Verb.Create(
            "kill",
            "Ends a session. The host connects again if it is still allowed",
            async call =>
            {
                long wanted = call.Result.GetValue(number);
                await call.Client.DeleteAsync($"/v1/sessions/{wanted}", call.CancellationToken).ConfigureAwait(false);
                if (!call.Output.IsJson)
                    call.Output.Line($"Session {wanted} has been told to end.");
            });
        verb.Add(number);
        return verb;
    }

    private static Command Refused()
    {
        Option<int> last = Last("refusals");
        Command verb = Verb.Create(
            "refused",
            "Shows who was refused, why, and which setting would change it",
            async call =>
            {
                RefusalReport report = await call.Client.GetAsync(
                    $"/v1/refusals?most={call.Result.GetValue(last)}", ManagementJson.Default.RefusalReport,
                        call.CancellationToken).ConfigureAwait(false);
                if (call.Output.IsJson)
                    call.Output.Json(report, ManagementJson.Default.RefusalReport);
                else
                    Print(call.Output, report);
            });
        verb.Add(last);
        return verb;
    }

    // One below the other rather than in a table: reason and remedy are sentences.
    private static void Print(VerbOutput output, RefusalReport report)
    {
        if (report.Total == 0)
        {
            output.Line("Nothing was refused since the start.");
            return;
        }
        foreach (RefusalEntry each in report.Last)
        {
            output.Line($"{VerbOutput.Moment(each.Time)}  {each.Kind}: {each.Reason}");
            output.Line($"  who     {each.HostNqn ?? "unknown host"} from {each.RemoteAddress ?? "an unknown address"}"
                + (each.SubsystemNqn is null ? "" : $" to {each.SubsystemNqn}"));
            output.Line($"  why     {each.Detail}");
            output.Line($"  remedy  {each.Remedy}");
        }
        output.Line($"{report.Total} in all: {string.Join(", ", report.ByReason.OrderByDescending(each => each.Value).Select(each => $"{each.Value} {each.Key}"))}");
    }

    private static Command Events()
    {
        Option<int> last = Last("lines");
        Command verb = Verb.Create(
            "events",
            "Shows the last lines of the server's log",
            async call =>
            {
                IReadOnlyList<EventRecord> events = await call.Client.GetAsync(
                    $"/v1/events?most={call.Result.GetValue(last)}", ManagementJson.Default.IReadOnlyListEventRecord,
                        call.CancellationToken).ConfigureAwait(false);
                if (call.Output.IsJson)
                {
                    call.Output.Json(events, ManagementJson.Default.IReadOnlyListEventRecord);
                    return;
                }
                foreach (EventRecord each in events.Reverse())
                    call.Output.Line($"{VerbOutput.Moment(each.Time)} {each.Level.ToLowerInvariant(),-11} {each.Message}");
            });
        verb.Add(last);
        return verb;
    }

    private static Option<int> Last(string what) => new("--last")
    {
        Description = $"How many of the last {what}, 0 to 1000",
        DefaultValueFactory = _ => DefaultCount,
        HelpName = "COUNT",
    };

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
