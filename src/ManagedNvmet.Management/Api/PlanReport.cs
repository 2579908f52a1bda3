using ManagedNvmet.Configuration;

namespace ManagedNvmet.Management.Api;

/// <summary>What a change would do, or has done.</summary>
/// <param name="ETag">Of the configuration that runs now.</param>
/// <param name="Outcome">How it ended; null when it was only planned.</param>
/// <param name="Impact">The worst that connected hosts notice.</param>
/// <param name="Changes">The differences.</param>
/// <param name="Problems">What is wrong with the wanted configuration, or worth a look.</param>
/// <param name="Text">All of it as a person reads it.</param>
public sealed record PlanReport(
    string ETag,
    ApplyOutcome? Outcome,
    ChangeImpact Impact,
    IReadOnlyList<ConfigurationChange> Changes,
    IReadOnlyList<ConfigurationProblem> Problems,
    string Text)
{
    /// <summary>From a plan.</summary>
    public static PlanReport Of(ConfigurationPlan plan, string eTag, ApplyOutcome? outcome = null) =>
        new(eTag, outcome, plan.Impact, [.. plan.Changes], [.. plan.Problems], plan.ToString());
}
