using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace ManagedNvmet.Configuration;

/// <summary>An immutable list that equals another one with equal elements in the same order, so that records which hold lists compare by
/// value.</summary>
/// <remarks>Thread-safe: it never changes.</remarks>
[CollectionBuilder(typeof(ConfigurationLists), nameof(ConfigurationLists.Create))]
public sealed class ConfigurationList<T> : IReadOnlyList<T>, IEquatable<ConfigurationList<T>>
{
    /// <summary>The list without elements.</summary>
    public static readonly ConfigurationList<T> Empty = new([]);

    private readonly ImmutableArray<T> _items;

    internal ConfigurationList(ImmutableArray<T> items) => _items = items;

    /// <inheritdoc/>
    public int Count => _items.Length;

    /// <inheritdoc/>
    public T this[int index] => _items[index];

    /// <summary>The elements without a copy.</summary>
    public ReadOnlySpan<T> AsSpan() => _items.AsSpan();

    /// <summary>Enumerates the elements without an allocation.</summary>
    public ImmutableArray<T>.Enumerator GetEnumerator() => _items.GetEnumerator();

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable)_items).GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(ConfigurationList<T>? other) => other is not null && AsSpan().SequenceEqual(other.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ConfigurationList<T>);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (T item in _items)
            hash.Add(item);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", _items)}]";
}
