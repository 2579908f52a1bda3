namespace ManagedNvmet.Configuration;

/// <summary>Collects problems, keys and the origin of each record while a file is read.</summary>
internal sealed class ReadContext
{
    /// <summary>Maximum number of problems that are reported.</summary>
    public const int MaxProblems = 1000;

    private readonly Dictionary<object, JsonTree> _origins = new(ReferenceEqualityComparer.Instance);

    public List<ConfigurationProblem> Problems { get; } = [];

    /// <summary>Keys that stood in the file, by the name they get.</summary>
    public Dictionary<string, string> Secrets { get; } = new(StringComparer.Ordinal);

    public void Error(JsonTree at, string message, string? suggestion = null) => Add(ProblemSeverity.Error, at, message, suggestion);

    public void Warning(JsonTree at, string message, string? suggestion = null) => Add(ProblemSeverity.Warning, at, message, suggestion);

    public void SetOrigin(object record, JsonTree tree) => _origins[record] = tree;

    /// <summary>Where an attribute of a record stands in the file, or the record where it does not stand there; null when it came from
    /// elsewhere.</summary>
    public JsonTree? Find(object record, string place)
    {
        if (!_origins.TryGetValue(record, out JsonTree? tree))
            return null;
        foreach (string step in place.Split('.'))
        {
            if (tree.Find(step) is not { } next)
                break;
            tree = next;
        }
        return tree;
    }

    private void Add(ProblemSeverity severity, JsonTree at, string message, string? suggestion)
    {
        if (Problems.Count < MaxProblems)
            Problems.Add(new ConfigurationProblem(severity, at.Path, at.Line, message, suggestion));
    }
}
