using ManagedNvmet.Comparison.Bars;

namespace ManagedNvmet.Comparison.Results;

/// <summary>What came of one line of the table.</summary>
/// <param name="Bar">The goal it belongs to.</param>
/// <param name="Criterion">The line.</param>
/// <param name="Ours">Our figure.</param>
/// <param name="Theirs">The other's figure.</param>
/// <param name="Ratio">Ours over theirs, round by round.</param>
/// <param name="IsMet">Whether the bar is met; null when there is none, or nothing was measured.</param>
/// <param name="Note">Why nothing was measured, or what decided.</param>
public sealed record Verdict(Bar Bar, Criterion Criterion, Spread? Ours, Spread? Theirs, Spread? Ratio, bool? IsMet, string? Note);
