using System.CommandLine;
using System.Globalization;
using ManagedNvmet.Management.Api;
using ManagedNvmet.Reports;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>status</c> verb: process, ports, subsystems and namespaces.</summary>
internal sealed class StatusVerb : ServerVerb
{
    private readonly Option<bool> _settings;

    public StatusVerb()
        : base("status", "Shows what is served, to whom, and how it does", printsTable: true) =>
        _settings = AddOption(new Option<bool>("--settings")
        {
            Description = "Show the settings of the process instead, and the place that each value comes from",
        });

    protected override async Task RunAsync(VerbCall call)
    {
        bool wantsSettings = call.Result.GetValue(_settings);
        IReadOnlyList<SettingReport> settings = wantsSettings || call.Output.IsJson
            ? await call.Client.GetAsync("/v1/settings", ManagementJson.Default.IReadOnlyListSettingReport, call.CancellationToken)
                .ConfigureAwait(false)
            : [];
        if (wantsSettings)
        {
            Print(call.Output, settings);
            return;
        }
        Overview overview = await call.Client.GetAsync("/v1/overview", ManagementJson.Default.Overview, call.CancellationToken)
            .ConfigureAwait(false);
        VerbOutput output = call.Output;
        if (output.IsJson)
        {
            output.Json(overview with { Settings = settings }, ManagementJson.Default.Overview);
            return;
        }
        PrintServer(output, overview);
        output.Line("");
        List<Column<PortReport>> ports =
        [
            new("port", row => VerbOutput.Number(row.Id)),
            new("address", row => row.Address),
            new("state", row => row.IsListening ? "listening" : "down"),
            new("subsystems", row => row.Subsystems is { } some ? VerbOutput.Number(some.Count) : "all") { Priority = 2 },
            new("sessions", row => VerbOutput.Number(row.Sessions)) { Priority = 1 },
        ];
        if (overview.Ports.Any(port => port.Mdns is not null))
            ports.Add(new("mDNS", row => row.Mdns ?? "") { Priority = 3 });
        output.Rows(overview.Ports, "No port.", ports);
        foreach (PortReport port in overview.Ports.Where(port => port.Problem is not null))
            output.Line($"  port {port.Id}: {port.Problem}");
        output.Line("");
        output.Rows(overview.Subsystems, "No subsystem.",
        [
            new("subsystem", row => row.Nqn) { IsName = true },
            new("serial number", row => row.SerialNumber) { Priority = 1 },
            new("hosts", row => row.AllowsAnyHost ? "any" : VerbOutput.Number(row.AllowedHosts.Count)),
            new("namespaces", row => VerbOutput.Number(row.Namespaces)),
            new("sessions", row => VerbOutput.Number(row.Sessions)),
        ]);
        output.Line("");
        output.Rows(overview.Namespaces, "No namespace.",
        [
            new("namespace", row => row.Id.ToString(CultureInfo.InvariantCulture)),
            new("device", row => row.Device) { IsName = true },
            new("size", row => VerbOutput.Bytes(row.SizeBytes)),
            new("state", StateOf),
            new("read", row => VerbOutput.Bytes(row.ReadBytes)) { Priority = 2 },
            new("written", row => VerbOutput.Bytes(row.WrittenBytes)) { Priority = 3 },
            new("errors", row => row.MediaErrors.ToString(CultureInfo.InvariantCulture)) { Priority = 1 },
            new("subsystem", row => row.SubsystemNqn) { IsName = true, Priority = overview.Subsystems.Count > 1 ? 0 : 4 },
        ]);
        foreach (NamespaceReport row in overview.Namespaces.Where(row => row.State == NamespaceState.NotReady))
            output.Line($"  namespace {row.Id} of {row.SubsystemNqn}: {row.Problem}");
        if (overview.Counts.Namespaces > overview.Namespaces.Count)
            output.Line($"({overview.Namespaces.Count} of {overview.Counts.Namespaces} namespaces; export shows all)");
    }

    private static void Print(VerbOutput output, IReadOnlyList<SettingReport> settings)
    {
        if (output.IsJson)
        {
            output.Json(settings, ManagementJson.Default.IReadOnlyListSettingReport);
            return;
        }
        output.Rows(settings, "The server has no settings.",
        [
            new("setting", row => row.Name),
            new("value", row => row.Value) { IsName = true },
            new("from", row => row.Source) { IsName = true },
        ]);
    }

    private static void PrintServer(VerbOutput output, Overview overview)
    {
        ServerReport server = overview.Server;
        long inUse = server.Shards.Sum(shard => shard.BufferBytesInUse);
        long limit = server.Shards.Sum(shard => shard.BufferBytesLimit);
        output.Line($"ManagedNvmet {server.Version}, {server.State.ToString().ToLowerInvariant()} for "
            + $"{VerbOutput.Duration(TimeSpan.FromSeconds(server.UptimeSeconds))}, process {server.ProcessId}");
        output.Line($"{server.Shards.Count} {(server.Shards.Count == 1 ? "shard" : "shards")}, {server.DiskEngine}, "
            + $"{server.Connections} connections, buffers {VerbOutput.Bytes(inUse)} of {VerbOutput.Bytes(limit)}");
        output.Line(
            $"{overview.Counts.HostsConnected} hosts connected, {overview.Counts.Sessions} sessions, {overview.Refusals.Total} refused");
        if (server.ConfigurationFault is { } fault)
            output.Line($"The configuration file is not in force, an older configuration runs: {fault}");
        TransportCounters transport = overview.Transport;
        long pduErrors = transport.PduErrors.Values.Sum();
        if (transport.DataDigestErrors + pduErrors == 0)
            return;
        IEnumerable<string> kinds = transport.PduErrors.Where(each => each.Value > 0).Select(each => $"{each.Value} {each.Key}");
        output.Line($"{transport.DataDigestErrors} commands with damaged data (digest), {pduErrors} connections closed because of "
            + $"invalid PDUs: {string.Join(", ", kinds.DefaultIfEmpty("none"))}");
    }

    private static string StateOf(NamespaceReport row) => row.State switch
    {
        NamespaceState.Ready => row.IsReadOnly ? "read-only" : "ready",
        NamespaceState.Disabled => "disabled",
        _ => "not ready",
    };
}
