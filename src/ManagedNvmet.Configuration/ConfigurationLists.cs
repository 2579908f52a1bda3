using System.Collections.Immutable;

namespace ManagedNvmet.Configuration;

/// <summary>Creates lists. Collection expressions call it.</summary>
public static class ConfigurationLists
{
    /// <summary>A list of these elements.</summary>
    public static ConfigurationList<T> Create<T>(ReadOnlySpan<T> items) =>
        items.IsEmpty ? ConfigurationList<T>.Empty : new ConfigurationList<T>([.. items]);

    /// <summary>A list of these elements.</summary>
    public static ConfigurationList<T> ToConfigurationList<T>(this IEnumerable<T> items)
    {
        ImmutableArray<T> array = [.. items];
        return array.IsEmpty ? ConfigurationList<T>.Empty : new ConfigurationList<T>(array);
    }
}
