using System.Collections;

namespace ManagedNvmet.Target.Rows;

/// <summary>What the target has of one kind, by its 8-bit number in the specification: log pages, features, Identify pages.</summary>
public sealed class RowTable<T> : IEnumerable<T>
    where T : class
{
    private readonly T?[] _byNumber = new T?[256];

    /// <exception cref="ArgumentException">Two rows have one number.</exception>
    internal RowTable(Func<T, byte> number, params ReadOnlySpan<T> rows)
    {
        foreach (T row in rows)
        {
            byte own = number(row);
            if (_byNumber[own] is { } other)
                throw new ArgumentException($"{row.GetType().Name} and {other.GetType().Name} have one number, {own:X2}h.", nameof(rows));
            _byNumber[own] = row;
        }
    }

    /// <summary>The row of this number, or null when it is not supported.</summary>
    public T? this[byte number] => _byNumber[number];

    /// <summary>The rows in ascending order of their numbers.</summary>
    public IEnumerator<T> GetEnumerator() => _byNumber.OfType<T>().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
