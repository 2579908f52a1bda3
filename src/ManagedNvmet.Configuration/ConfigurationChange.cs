namespace ManagedNvmet.Configuration;

/// <summary>One difference between two configurations, in words.</summary>
/// <param name="Kind">What happens to the subject.</param>
/// <param name="Subject">What it is about, such as <c>subsystem nqn.2026-11.com.example:disks</c>: the group of the change.</param>
/// <param name="Text">The difference, such as <c>namespace 2: read-only no → yes</c>.</param>
/// <param name="Impact">What connected hosts notice.</param>
/// <param name="ImpactText">The same in words: whose I/O is concerned and how.</param>
public sealed record ConfigurationChange(ChangeKind Kind, string Subject, string Text, ChangeImpact Impact, string ImpactText);
