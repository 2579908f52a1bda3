namespace ManagedNvmet.Configuration;

/// <summary>An error or a warning about a configuration.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Path">JSON path of the place, such as <c>$.subsystems[2].namespaces[0].device.uuid</c>.</param>
/// <param name="Line">Line of the file, from 1; null when it did not come from a file.</param>
/// <param name="Message">What was found and what was expected, in a sentence.</param>
/// <param name="Suggestion">What to do, in a sentence, or null.</param>
public sealed record ConfigurationProblem(ProblemSeverity Severity, string Path, int? Line, string Message, string? Suggestion = null)
{
    /// <summary>The problem in one line.</summary>
    public override string ToString() =>
        (Line is { } line ? $"line {line}, " : "") + $"{Path}: {Message}" + (Suggestion is null ? "" : $" {Suggestion}");
}
