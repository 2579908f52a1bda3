using System.Text;
using System.Text.Encodings.Web;
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
        ("Latency, 99th percentile", "s",
            [
                (
                    $"histogram_quantile(0.99, sum by (le, operation) (rate({Name("nvmet.io.latency")}_bucket[$__rate_interval])))",
                    "{{operation}}"),
            ]),
        ("Mean latency by host", "s",
            [
                (
                    $"sum by (host) (rate({Name("nvmet.io.latency")}_sum[$__rate_interval])) "
                    + $"/ sum by (host) (rate({Name("nvmet.io.latency")}_count[$__rate_interval]))",
                    "{{host}}"),
            ]),
        ("Busiest hosts", "iops", [($"topk(10, sum by (host) (rate({Name("nvmet.io.commands")}[$__rate_interval])))", "{{host}}")]),
        ("Busiest namespaces", "Bps",
            [
                (
                    $"topk(10, sum by (subsystem, namespace) (rate({Name("nvmet.io.bytes")}[$__rate_interval])))",
                    "{{subsystem}} {{namespace}}"),
            ]),
        ("Commands in flight", "short", [($"sum by (subsystem) ({Name("nvmet.io.in_flight")})", "{{subsystem}}")]),
        ("Failures", "ops",
            [
                ($"sum(rate({Name("nvmet.io.failures")}[$__rate_interval]))", "commands"),
                ($"sum(rate({Name("nvmet.namespace.media_errors")}[$__rate_interval]))", "media errors"),
            ]),
        ("Hosts and sessions", "short",
            [
                (Name("nvmet.hosts.connected"), "hosts"),
                ($"sum({Name("nvmet.sessions")})", "sessions"),
                (Name("nvmet.connections"), "connections"),
            ]),
        ("Refusals", "ops", [($"sum by (reason) (rate({Name("nvmet.refusals")}[$__rate_interval]))", "{{reason}}")]),
        ("Wrong digests and invalid PDUs", "ops",
            [
                ($"sum by (part) (rate({Name("nvmet.transport.digest_errors")}[$__rate_interval]))", "digest of {{part}}"),
                ($"sum by (status) (rate({Name("nvmet.transport.pdu_errors")}[$__rate_interval]))", "{{status}}"),
            ]),
        ("Connections waiting for buffers", "short", [($"sum by (shard) ({Name("nvmet.buffers.waiting")})", "shard {{shard}}")]),
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
        (
            "NvmetPortDown",
            $"{Name("nvmet.ports")}{{state=\"down\"}} > 0",
            "1m",
            "critical",
            "The server does not listen on one of its ports; 'managed-nvmet status' says why."),
        (
            "NvmetNamespaceNotReady",
            $"{Name("nvmet.namespaces")}{{state=\"notready\"}} > 0",
            "5m",
            "warning",
            "The device of a namespace is missing or cannot be opened."),
        (
            "NvmetMediaErrors",
            $"increase({Name("nvmet.namespace.media_errors")}[10m]) > 0",
            "0m",
            "critical",
            "Commands of hosts fail because of a disk."),
        (
            "NvmetRefusals",
            $"sum by (reason) (increase({Name("nvmet.refusals")}[10m])) > 10",
            "0m",
            "warning",
            "The server refuses hosts; 'managed-nvmet refused' says which setting would change it."),
        (
            "NvmetDuplicateHost",
            $"{Name("nvmet.hosts.suspected_duplicates")} > 0",
            "0m",
            "critical",
            "Two machines use one host NQN; they can overwrite each other's data."),
        ("NvmetBuffersShort", $"{Name("nvmet.buffers.waiting")} > 0", "5m", "warning", "Commands wait for data buffers."),
        (
            "NvmetDigestErrors",
            $"sum by (part) (increase({Name("nvmet.transport.digest_errors")}[10m])) > 0",
            "0m",
            "warning",
            "The network damages data from hosts; check network cards, cables and offloads."),
        (
            "NvmetSlow",
            $"histogram_quantile(0.99, sum by (le, subsystem) (rate({Name("nvmet.io.latency")}_bucket[5m]))) > 0.5",
            "10m",
            "warning",
            "One command in a hundred takes more than half a second."),
        (
            "NvmetKeepAliveNear",
            $"{Name("nvmet.keep_alive.slack")} < 1",
            "1m",
            "warning",
            "A host is about to lose its session, because it sends nothing."),
        (
            "NvmetPauses",
            $"rate({Name("nvmet.gc.pauses")}[5m]) > 0.01",
            "10m",
            "warning",
            "The garbage collector pauses all threads for more than 1 % of the time."),
    ];

    /// <summary>Returns the content of docs/reference/metrics.md.</summary>
    public static string Reference()
    {
        var text = new StringBuilder("""
            # Metrics

            `GET /metrics` of the management interface returns these metrics in the Prometheus text format. The server can also send them by
            OTLP (`--otlp URL`). A test generates this page, the dashboard `packaging/grafana/managed-nvmet.json` and the alert rules
            `packaging/prometheus/managed-nvmet.rules.yml` from the table in `src/ManagedNvmet.Management/Metrics/MetricTable.cs`.

            The values of tags come from closed sets. The first 1000 combinations of host, namespace and operation with a command have
            series of their own; all others are summed in the series `(other)`. OpenTelemetry for .NET has no observable histogram. Over
            OTLP, a histogram is three counters: `.bucket` (with the tag `le`), `.sum` and `.count`.

            | Prometheus | OpenTelemetry | Kind | Unit | Tags | Meaning |
            |---|---|---|---|---|---|

            """);
        foreach (MetricDefinition each in MetricTable.All)
        {
            string tags = string.Join(", ", each.Tags.Select(tag => $"`{tag}`"));
            text.Append($"| `{each.PrometheusName}` | `{each.Name}` | {each.Kind.ToString().ToLowerInvariant()} | {each.Unit} | {tags} | "
                + $"{each.Help} |\n");
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
                ["fieldConfig"] =
                    new JsonObject { ["defaults"] = new JsonObject { ["unit"] = unit, ["min"] = 0 }, ["overrides"] = new JsonArray() },
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
                ["list"] = new JsonArray(new JsonObject
                {
                    ["name"] = "datasource",
                    ["type"] = "datasource",
                    ["query"] = "prometheus",
                    ["label"] = "Data source",
                }),
            },
            ["panels"] = panels,
        };
        var options = new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        return board.ToJsonString(options) + "\n";
    }

    /// <summary>Returns the Prometheus alert rules.</summary>
    public static string Rules()
    {
        var text = new StringBuilder(
            "# Generated from the table of metrics by a test.\ngroups:\n  - name: managed-nvmet\n    rules:\n");
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
