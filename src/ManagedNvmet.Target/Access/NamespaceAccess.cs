using System.Collections.Immutable;

namespace ManagedNvmet.Target.Access;

/// <summary>Decides which of the hosts that may use a subsystem see one of its namespaces, and which of them may only read it.</summary>
public sealed record NamespaceAccess
{
    /// <summary>Every host sees the namespace and may write to it.</summary>
    public static NamespaceAccess Everybody { get; } = new();

    /// <summary>The hosts that see the namespace; null for all.</summary>
    public ImmutableHashSet<Nqn>? VisibleTo { get; init; }

    /// <summary>The hosts for which the namespace is write protected.</summary>
    public ImmutableHashSet<Nqn> ReadOnlyFor { get; init; } = [];
}
