namespace ManagedNvmet.Comparison.Bars;

/// <summary>A named performance goal, with the criteria that decide whether it is met.</summary>
public sealed record Bar(string Name, string Text, IReadOnlyList<Criterion> Criteria);
