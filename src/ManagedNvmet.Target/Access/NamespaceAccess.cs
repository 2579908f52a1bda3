using System.Collections.Immutable;

namespace ManagedNvmet.Target.Access;

/// <summary>Which of the hosts that may use a subsystem see one of its namespaces, and which may only read it.</summary>
public sealed record NamespaceAccess
{
    /// <summary>Every host sees it, and may write.</summary>
    public static NamespaceAccess Everybody { get; } = new();

    /// <summary>The hosts that see the namespace; null for all. For the others it does not exist.</summary>
    public ImmutableHashSet<Nqn>? VisibleTo { get; init; }

    /// <summary>The hosts that may only read: the namespace is write protected for them.</summary>
    public ImmutableHashSet<Nqn> ReadOnlyFor { get; init; } = [];
}
