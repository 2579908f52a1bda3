using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ManagedNvmet.Configuration;

/// <summary>A configuration that an importer has made. Objects with errors are left out, each with a warning, so that one wrong value does
/// not cost the whole import.</summary>
internal sealed partial class ImportedDocument(JsonObject root)
{
    // Leaving an object out can make another one wrong, such as a port that names its subsystem.
    private const int MaxPasses = 8;

    private static readonly (string List, string Title, string Key)[] Kinds =
        [("hosts", "host", "nqn"), ("subsystems", "subsystem", "nqn"), ("namespaces", "namespace", "nsid"), ("ports", "port", "portid")];

    private readonly Dictionary<JsonNode, JsonTree> _origins = new(ReferenceEqualityComparer.Instance);

    /// <summary>Records where an object came from in the file that is imported.</summary>
    public void SetOrigin(JsonNode made, JsonTree origin) => _origins[made] = origin;

    /// <summary>Reads and checks the document.</summary>
    /// <param name="notes">Problems that the importer has found.</param>
    /// <param name="rules">Limits of the server.</param>
    public ConfigurationReading Read(IReadOnlyList<ConfigurationProblem> notes, ConfigurationRules? rules)
    {
        var problems = new List<ConfigurationProblem>(notes);
        for (int pass = 1; ; pass++)
        {
            ConfigurationReading reading = ConfigurationFile.Parse(Encoding.UTF8.GetBytes(root.ToJsonString()), rules);
            List<(ConfigurationProblem Error, JsonNode Object)> wrong = pass == MaxPasses ? [] : [.. reading.Problems
                .Where(problem => problem.Severity == ProblemSeverity.Error)
                .Select(problem => (problem, Object: NodesOf(problem.Path).LastOrDefault(IsNamed)))
                .Where(each => each.Object is not null)
                .Select(each => (each.problem, each.Object!))];
            if (wrong.Count == 0)
                return reading with { Problems = problems.Concat(reading.Problems.Select(Place)).ToConfigurationList() };
            foreach ((ConfigurationProblem error, JsonNode made) in wrong)
                problems.Add(Place(error) with { Severity = ProblemSeverity.Warning, Suggestion = "It is left out." });
            foreach (JsonNode made in wrong.Select(each => each.Object).Distinct(ReferenceEqualityComparer.Instance).OfType<JsonNode>())
                LeaveOut(made);
        }
    }

    private static bool IsNamed(JsonNode node) => TitleOf(node) is not null;

    private static string? TitleOf(JsonNode node)
    {
        string path = node.GetPath();
        foreach ((string list, string title, string key) in Kinds)
        {
            if (node is JsonObject && path.EndsWith(']') && path[..path.LastIndexOf('[')].EndsWith("." + list, StringComparison.Ordinal))
                return $"{title} {node[key]}";
        }
        return null;
    }

    // Lines and places of the document that the importer made lead nowhere: nobody has seen it.
    private ConfigurationProblem Place(ConfigurationProblem problem)
    {
        JsonNode[] nodes = [.. NodesOf(problem.Path)];
        if (nodes.LastOrDefault(IsNamed) is not { } made)
            return problem with { Line = null };
        string name = string.Join(" of ", nodes.Where(IsNamed).Select(TitleOf).Reverse());
        string attribute = problem.Path.Length > made.GetPath().Length ? problem.Path[(made.GetPath().Length + 1)..] + ": " : "";
        JsonTree? origin = nodes.Reverse().Select(node => _origins.GetValueOrDefault(node)).FirstOrDefault(each => each is not null);
        return problem with { Path = origin?.Path ?? problem.Path, Line = origin?.Line, Message = $"{name}: {attribute}{problem.Message}" };
    }

    private void LeaveOut(JsonNode made)
    {
        string? nqn = made.GetPath().StartsWith("$.subsystems[", StringComparison.Ordinal) && made["namespaces"] is not null
            ? (string?)made["nqn"]
            : null;
        if (made.Parent is JsonArray list)
            list.Remove(made);
        if (nqn is null || (root["subsystems"] as JsonArray)?.Any(each => (string?)each!["nqn"] == nqn) == true)
            return;
        foreach (JsonNode? port in root["ports"] as JsonArray ?? [])
            (port?["subsystems"] as JsonArray)?.RemoveAll(each => each is JsonValue && each.ToString() == nqn);
    }

    // The nodes on a path such as $.subsystems[0].namespaces[1].ana_grpid, from the root on, as far as they exist.
    private IEnumerable<JsonNode> NodesOf(string path)
    {
        JsonNode? node = root;
        foreach (Match step in Step().Matches(path))
        {
            node = step.Groups["index"] is { Success: true } index
                ? node is JsonArray list
                    && int.Parse(index.ValueSpan, System.Globalization.CultureInfo.InvariantCulture) is var at
                    && at < list.Count
                    ? list[at]
                    : null
                : (node as JsonObject)?[step.Groups["name"].Value];
            if (node is null)
                yield break;
            yield return node;
        }
    }

    [GeneratedRegex(@"\[(?<index>\d{1,9})\]|\.(?<name>[^.\[\]]+)")]
    private static partial Regex Step();
}
