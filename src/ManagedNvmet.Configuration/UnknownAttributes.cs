using System.Collections.Immutable;

namespace ManagedNvmet.Configuration;

/// <summary>Attributes of an object in a configuration file that this version does not know. They are kept and written again on a
/// save.</summary>
/// <remarks>Equal when names and values are. Thread-safe: it never changes.</remarks>
public sealed class UnknownAttributes : IEquatable<UnknownAttributes>
{
    /// <summary>Nothing unknown.</summary>
    public static readonly UnknownAttributes None = new(ImmutableSortedDictionary<string, string>.Empty);

    private readonly ImmutableSortedDictionary<string, string> _values;

    private UnknownAttributes(ImmutableSortedDictionary<string, string> values) => _values = values;

    /// <summary>JSON text by the place in the object, as a JSON pointer without the slash in front, such as <c>attr/ieee_oui</c>.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>Returns a copy with one more attribute.</summary>
    /// <param name="pointer">Its place, such as <c>attr/ieee_oui</c>.</param>
    /// <param name="json">Its value as JSON text.</param>
    public UnknownAttributes With(string pointer, string json) =>
        new(_values.WithComparers(StringComparer.Ordinal).SetItem(pointer, json));

    /// <inheritdoc/>
    public bool Equals(UnknownAttributes? other) =>
        other is not null && _values.Count == other._values.Count && _values.SequenceEqual(other._values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as UnknownAttributes);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach ((string pointer, string json) in _values)
        {
            hash.Add(pointer);
            hash.Add(json);
        }
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", _values.Select(pair => $"{pair.Key} = {pair.Value}"));
}
