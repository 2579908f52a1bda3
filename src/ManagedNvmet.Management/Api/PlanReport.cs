using ManagedNvmet.Configuration;

namespace ManagedNvmet.Management.Api;

/// <summary>The effects of a change of the configuration, planned or done.</summary>
/// <param name="ETag">ETag of the configuration that runs now.</param>
/// <param name="Outcome">How the change ended; null when it was only planned.</param>
/// <param name="Impact">The worst effect on connected hosts.</param>
/// <param name="Changes">The differences.</param>
/// <param name="Problems">Errors and warnings about the wanted configuration.</param>
/// <param name="Text">The whole report as text for a person.</param>
/// <param name="IsKept">True when changes are written to a configuration file; false when they are lost at the next start.</param>
/// <param name="RemovesEverything">True when no host can use a disk of this server after the change.</param>
public sealed record PlanReport(
    string ETag,
    ApplyOutcome? Outcome,
    ChangeImpact Impact,
    IReadOnlyList<ConfigurationChange> Changes,
    IReadOnlyList<ConfigurationProblem> Problems,
    string Text,
    bool IsKept,
    bool RemovesEverything)
{
    /// <summary>Makes the report of a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="control">What the plan is for.</param>
    /// <param name="result">How it was carried out; null when it was only planned.</param>
    public static PlanReport Of(ConfigurationPlan plan, IConfigurationControl control, ApplyResult? result = null) => new(
        result?.ETag ?? control.ETag,
        result?.Outcome,
        plan.Impact,
        [.. plan.Changes],
        [.. plan.Problems],
        plan.ToString(),
        control.KeepsChanges,
        plan.RemovesEverything);
}
