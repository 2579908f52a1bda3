namespace ManagedNvmet.Comparison.Bars;

/// <summary>A goal with a name, and the lines that decide on it.</summary>
public sealed record Bar(string Name, string Text, IReadOnlyList<Criterion> Criteria);
