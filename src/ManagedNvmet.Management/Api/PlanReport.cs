using ManagedNvmet.Configuration;

namespace ManagedNvmet.Management.Api;

/// <summary>The effects of a configuration change that was planned or applied.</summary>
/// <param name="ETag">ETag of the running configuration.</param>
/// <param name="Outcome">Outcome of the application; null when the change was only planned.</param>
/// <param name="Impact">The most severe effect on connected hosts.</param>
/// <param name="Changes">Differences between the running and the new configuration.</param>
/// <param name="Problems">Errors and warnings about the new configuration.</param>
/// <param name="Text">The whole report as text for a person.</param>
public sealed record PlanReport(
    string ETag,
    ApplyOutcome? Outcome,
    ChangeImpact Impact,
    IReadOnlyList<ConfigurationChange> Changes,
    IReadOnlyList<ConfigurationProblem> Problems,
    string Text)
{
    /// <summary>Creates the report of a plan.</summary>
    public static PlanReport Of(ConfigurationPlan plan, string eTag, ApplyOutcome? outcome = null) =>
        new(eTag, outcome, plan.Impact, [.. plan.Changes], [.. plan.Problems], plan.ToString());
}
