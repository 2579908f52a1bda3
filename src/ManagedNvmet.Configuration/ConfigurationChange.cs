namespace ManagedNvmet.Configuration;

/// <summary>One difference between two configurations, in words.</summary>
/// <param name="Kind">Addition, change or removal.</param>
/// <param name="Subject">What it is about, such as <c>subsystem nqn.2026-11.com.example:disks</c>: the group of the change.</param>
/// <param name="Text">The difference, such as <c>namespace 2: read-only no → yes</c>.</param>
/// <param name="Impact">Effect on connected hosts.</param>
/// <param name="ImpactText">The effect in words; empty when there is none.</param>
public sealed record ConfigurationChange(ChangeKind Kind, string Subject, string Text, ChangeImpact Impact, string ImpactText);
