using ManagedNvmet.Comparison.Bars;

namespace ManagedNvmet.Comparison.Results;

/// <summary>Result of one criterion.</summary>
/// <param name="Bar">The goal to which the criterion belongs.</param>
/// <param name="Criterion">The criterion.</param>
/// <param name="Ours">Figures of this server; null when not measured.</param>
/// <param name="Theirs">Figures of the other contestant; null when not measured.</param>
/// <param name="Ratio">Ratios of this server's figure to the other's in the same round; null when not measured.</param>
/// <param name="IsMet">Whether the criterion is met; null when it has no limit or was not measured.</param>
/// <param name="Note">Why it was not measured, or the CPU time that decided; null for neither.</param>
public sealed record Verdict(Bar Bar, Criterion Criterion, Spread? Ours, Spread? Theirs, Spread? Ratio, bool? IsMet, string? Note);
