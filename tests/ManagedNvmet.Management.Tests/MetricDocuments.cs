using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ManagedNvmet.Management.Metrics;

namespace ManagedNvmet.Management.Tests;

/// <summary>Generates the reference, the dashboard and the alert rules from the table of metrics. A metric name that is not in the table
/// throws.</summary>
internal static class MetricDocuments
{
    private const int PanelHeight = 8;
    private const int PanelWidth = 12;
    private const int BoardWidth = 24;

    private static readonly (string Title, string Unit, (string Expression, string Legend)[] Queries)[] Panels =
    [
        ("Throughput", "Bps", [($"sum by (operation) (rate({Name("nvmet.io.bytes")}[$__rate_interval]))", "{{operation}}")]),
        ("Commands", "iops", [($"sum by (operation) (rate({Name("nvmet.io.commands")}[$__rate_interval]))", "{{operation}}")]),
        ("Latency, 99 of 100 commands", "s",
            [($"histogram_quantile(0.99, sum by (le, operation) (rate({Name("nvmet.io.latency")}_bucket[$__rate_interval])))", "{{operation}}")]),
        ("Mean latency by host", "s",
            [($"sum by (host) (rate({Name("nvmet.io.latency")}_sum[$__rate_interval])) / sum by (host) (rate({Name("nvmet.io.latency")}_count[$__rate_interval]))", "{{host}}")]),
        ("Busiest hosts", "iops", [($"topk(10, sum by (host) (rate({Name("nvmet.io.commands")}[$__rate_interval])))", "{{host}}")]),
        ("Busiest namespaces", "Bps",
            [($"topk(10, sum by (subsystem, namespace) (rate({Name("nvmet.io.bytes")}[$__rate_interval])))", "{{subsystem}} {{namespace}}")]),
        ("Commands in flight", "short", [($"sum by (subsystem) ({Name("nvmet.io.in_flight")})", "{{subsystem}}")]),
        ("Failures", "ops",
            [
                ($"sum(rate({Name("nvmet.io.failures")}[$__rate_interval]))", "commands"),
                ($"sum(rate({Name("nvmet.namespace.media_errors")}[$__rate_interval]))", "because of the medium"),
            ]),
        ("Hosts and sessions", "short",
            [(Name("nvmet.hosts.connected"), "hosts"), ($"sum({Name("nvmet.sessions")})", "sessions"), (Name("nvmet.connections"), "connections")]),
        ("Refusals", "ops", [($"sum by (reason) (rate({Name("nvmet.refusals")}[$__rate_interval]))", "{{reason}}")]),
        ("Damaged and wrong PDUs", "ops",
            [
                ($"sum by (part) (rate({Name("nvmet.transport.digest_errors")}[$__rate_interval]))", "digest of {{part}}"),
                ($"sum by (status) (rate({Name("nvmet.transport.pdu_errors")}[$__rate_interval]))", "{{status}}"),
            ]),
        ("Connections that wait for buffers", "short", [($"sum by (shard) ({Name("nvmet.buffers.waiting")})", "shard {{shard}}")]),
        ("Data buffers", "bytes",
            [($"sum({Name("nvmet.buffers.in_use")})", "in use"), ($"sum({Name("nvmet.buffers.limit")})", "limit")]),
        ("Process", "percentunit",
            [
                ($"rate({Name("nvmet.process.cpu")}[$__rate_interval])", "processors"),
                ($"rate({Name("nvmet.gc.pauses")}[$__rate_interval])", "garbage collector pauses"),
            ]),
    ];

    private static readonly (string Alert, string Expression, string For, string Severity, string Summary)[] Alerts =
    [
        ("NvmetPortDown", $"{Name("nvmet.ports")}{{state=\"down\"}} > 0", "1m", "critical", "An address is not listened on; 'managed-nvmet status' says why."),
        ("NvmetNamespaceNotReady", $"{Name("nvmet.namespaces")}{{state=\"notready\"}} > 0", "5m", "warning", "The device of a namespace is not there."),
        ("NvmetMediaErrors", $"increase({Name("nvmet.namespace.media_errors")}[10m]) > 0", "0m", "critical", "A disk fails commands of hosts."),
        ("NvmetRefusals", $"sum by (reason) (increase({Name("nvmet.refusals")}[10m])) > 10", "0m", "warning", "Hosts are refused; 'managed-nvmet refused' says which setting would change it."),
        ("NvmetDuplicateHost", $"{Name("nvmet.hosts.suspected_duplicates")} > 0", "0m", "critical", "Two machines use one host NQN; they can destroy each other's data."),
        ("NvmetBuffersShort", $"{Name("nvmet.buffers.waiting")} > 0", "5m", "warning", "Commands wait for data buffers."),
        ("NvmetDigestErrors", $"sum by (part) (increase({Name("nvmet.transport.digest_errors")}[10m])) > 0", "0m", "warning", "What hosts send is damaged on its way; look at network cards, cables and offloads."),
        ("NvmetSlow", $"histogram_quantile(0.99, sum by (le, subsystem) (rate({Name("nvmet.io.latency")}_bucket[5m]))) > 0.5", "10m", "warning", "One command of a hundred takes more than half a second."),
        ("NvmetKeepAliveNear", $"{Name("nvmet.keep_alive.slack")} < 1", "1m", "warning", "A host is about to lose its session because nothing comes from it."),
        ("NvmetPauses", $"rate({Name("nvmet.gc.pauses")}[5m]) > 0.01", "10m", "warning", "The garbage collector holds all threads for more than 1 % of the time."),
    ];

    /// <summary>Returns the content of docs/reference/metrics.md.</summary>
    public static string Reference()
    {
        var text = new StringBuilder("""
            # Metrics

            From `GET /metrics` of the management interface in the text format of Prometheus, or sent by OTLP (`--otlp URL`). This page, the board
            `packaging/grafana/managed-nvmet.json` and the rules `packaging/prometheus/managed-nvmet.rules.yml` are written from the table in
            `src/ManagedNvmet.Management/Metrics/MetricTable.cs`; a test compares them.

            Nothing is counted for a metric alone: each queue keeps its own sums, and whoever collects adds them up. Values of tags come from closed
            sets. Host and namespace are tags of the first rows only; the first 1000 combinations of host, namespace and operation that do something
            have series of their own, all others are summed under `(other)`. OTLP has no observable histogram: `.bucket` (with the tag `le`), `.sum` and
            `.count` are counters there.

            | Prometheus | OpenTelemetry | Kind | Unit | Tags | What it says |
            |---|---|---|---|---|---|

            """);
        foreach (MetricDefinition each in MetricTable.All)
        {
            string tags = string.Join(", ", each.Tags.Select(tag => $"`{tag}`"));
            text.Append($"| `{each.PrometheusName}` | `{each.Name}` | {each.Kind.ToString().ToLowerInvariant()} | {each.Unit} | {tags} | {each.Help} |\n");
        }
        return text.ToString();
    }

    /// <summary>Returns the Grafana dashboard.</summary>
    public static string Board()
    {
        var panels = new JsonArray();
        for (int index = 0; index < Panels.Length; index++)
        {
            var (title, unit, queries) = Panels[index];
            panels.Add((JsonNode)new JsonObject
            {
                ["id"] = index + 1,
                ["title"] = title,
                ["type"] = "timeseries",
                ["datasource"] = DataSource(),
                ["gridPos"] = new JsonObject
                {
                    ["h"] = PanelHeight,
                    ["w"] = PanelWidth,
                    ["x"] = index * PanelWidth % BoardWidth,
                    ["y"] = index * PanelWidth / BoardWidth * PanelHeight,
                },
                ["fieldConfig"] = new JsonObject { ["defaults"] = new JsonObject { ["unit"] = unit, ["min"] = 0 }, ["overrides"] = new JsonArray() },
                ["targets"] = new JsonArray([.. queries.Select((query, number) => (JsonNode)new JsonObject
                {
                    ["refId"] = ((char)('A' + number)).ToString(),
                    ["expr"] = query.Expression,
                    ["legendFormat"] = query.Legend,
                    ["datasource"] = DataSource(),
                })]),
            });
        }
        var board = new JsonObject
        {
            ["title"] = "ManagedNvmet",
            ["uid"] = "managed-nvmet",
            ["schemaVersion"] = 39,
            ["tags"] = new JsonArray("nvme", "storage"),
            ["time"] = new JsonObject { ["from"] = "now-1h", ["to"] = "now" },
            ["refresh"] = "30s",
            ["templating"] = new JsonObject
            {
                ["list"] = new JsonArray(new JsonObject { ["name"] = "datasource", ["type"] = "datasource", ["query"] = "prometheus", ["label"] = "Data source" }),
            },
            ["panels"] = panels,
        };
        return board.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
    }

    /// <summary>Returns the Prometheus alert rules.</summary>
    public static string Rules()
    {
        var text = new StringBuilder("# Written from the table of metrics; a test compares it.\ngroups:\n  - name: managed-nvmet\n    rules:\n");
        foreach (var (alert, expression, duration, severity, summary) in Alerts)
        {
            text.Append($"      - alert: {alert}\n        expr: '{expression}'\n        for: {duration}\n");
            text.Append($"        labels: {{ severity: {severity} }}\n        annotations: {{ summary: \"{summary}\" }}\n");
        }
        return text.ToString();
    }

    private static JsonObject DataSource() => new() { ["type"] = "prometheus", ["uid"] = "${datasource}" };

    private static string Name(string metric) => MetricTable.Find(metric).PrometheusName;
}
