namespace ManagedNvmet.Fuzz;

/// <summary>Derives choices from input bytes. After the end of the input all choices are 0.</summary>
internal ref struct InputReader(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> _rest = input;

    public readonly bool IsEmpty => _rest.IsEmpty;

    /// <summary>Returns a number that is at least 0 and less than <paramref name="count"/>. </summary>
    public int Next(int count)
    {
        if (count <= 1 || _rest.IsEmpty)
            return 0;
        int value = _rest[0];
        _rest = _rest[1..];
        if (count > 256 && !_rest.IsEmpty)
        {
            value = (value << 8) | _rest[0];
            _rest = _rest[1..];
        }
        return value % count;
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        ReadOnlySpan<byte> taken = _rest[..Math.Min(count, _rest.Length)];
        _rest = _rest[taken.Length..];
        return taken;
    }
}
