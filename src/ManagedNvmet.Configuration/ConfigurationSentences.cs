namespace ManagedNvmet.Configuration;

/// <summary>Puts changes and problems of a configuration into one line of bounded length, for logs, status and history.</summary>
internal static class ConfigurationSentences
{
    // A value that the file keeps without knowing it can be of any length.
    private const int MaxCharacters = 300;

    /// <summary>The first changes and the number of the others, such as <c>port 1: add the port tcp 127.0.0.1 4420; and 2 more
    /// changes</c>.</summary>
    /// <param name="changes">At least one.</param>
    /// <param name="most">How many are named, at least 1.</param>
    public static string Changes(IReadOnlyList<ConfigurationChange> changes, int most)
    {
        IEnumerable<string> named = changes.Take(most)
            .Select(each => Shorten($"{each.Subject}: {each.Kind.ToString().ToLowerInvariant()} {each.Text}"));
        int others = changes.Count - most;
        return string.Join("; ", named) + (others > 0 ? $"; and {Counted(others, "more change", "more changes")}" : "");
    }

    /// <summary>The number of errors of a file and the first one.</summary>
    /// <param name="name">The file, as the sentence begins.</param>
    /// <param name="problems">At least one of them is an error.</param>
    public static string Fault(string name, IReadOnlyList<ConfigurationProblem> problems)
    {
        int errors = problems.Count(problem => problem.Severity == ProblemSeverity.Error);
        ConfigurationProblem first = problems.First(problem => problem.Severity == ProblemSeverity.Error);
        string lead = errors == 1 ? $"{name} has 1 error: " : $"{name} has {errors} errors. The first is: ";
        return Shorten(lead + first);
    }

    /// <summary>A count with its noun.</summary>
    public static string Counted(int count, string singular, string plural) => count == 1 ? $"1 {singular}" : $"{count} {plural}";

    private static string Shorten(string text) => text.Length <= MaxCharacters ? text : text[..MaxCharacters] + "…";
}
