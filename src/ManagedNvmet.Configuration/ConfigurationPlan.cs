using System.Text;

namespace ManagedNvmet.Configuration;

/// <summary>The changes from the running configuration to a wanted one.</summary>
public sealed record ConfigurationPlan
{
    /// <summary>ETag of the configuration that the plan starts from.</summary>
    public required string FromETag { get; init; }

    /// <summary>ETag of the wanted configuration.</summary>
    public required string ToETag { get; init; }

    /// <summary>The differences, grouped by their subject: hosts, subsystems, ports, each in the order of their names.</summary>
    public ConfigurationList<ConfigurationChange> Changes { get; init; } = [];

    /// <summary>Errors and warnings about the wanted configuration. With an error the plan cannot be carried out.</summary>
    public ConfigurationList<ConfigurationProblem> Problems { get; init; } = [];

    /// <summary>True when the running configuration has subsystems or ports and the wanted one has none, so that no host can use a disk
    /// of this server any more.</summary>
    public bool RemovesEverything { get; init; }

    /// <summary>True when both configurations mean the same.</summary>
    public bool IsEmpty => Changes.Count == 0;

    /// <summary>True when no problem is an error.</summary>
    public bool IsSound => !Problems.Any(problem => problem.Severity == ProblemSeverity.Error);

    /// <summary>The most severe effect on connected hosts.</summary>
    public ChangeImpact Impact => Changes.Count == 0 ? ChangeImpact.None : Changes.Max(change => change.Impact);

    /// <summary>The plan as text for a person: one paragraph per subject and one line per change, with <c>+</c>, <c>~</c> or
    /// <c>-</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (ConfigurationProblem problem in Problems)
            text.Append(problem.Severity == ProblemSeverity.Error ? "error: " : "warning: ").Append(problem).Append('\n');
        if (IsEmpty)
            return text.Append("Nothing to do.\n").ToString();
        if (RemovesEverything)
            text.Append("Everything goes: no host can use a disk of this server after the change.\n");
        foreach (IGrouping<string, ConfigurationChange> subject in Changes.GroupBy(change => change.Subject, StringComparer.Ordinal))
        {
            text.Append(subject.Key).Append('\n');
            foreach (ConfigurationChange change in subject)
            {
                text.Append(change.Kind switch { ChangeKind.Add => "  + ", ChangeKind.Remove => "  - ", _ => "  ~ " }).Append(change.Text);
                if (change.ImpactText.Length != 0)
                    text.Append(" (").Append(change.ImpactText).Append(')');
                text.Append('\n');
            }
        }
        return text.ToString();
    }
}
