namespace ManagedNvmet.Fuzz;

/// <summary>Makes choices out of bytes; zeros when there are no more.</summary>
internal ref struct InputReader(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> rest = input;

    public readonly bool IsEmpty => rest.IsEmpty;

    /// <summary>A number from 0 to one less than <paramref name="count"/>.</summary>
    public int Next(int count)
    {
        if (count <= 1 || rest.IsEmpty)
            return 0;
        int value = rest[0];
        rest = rest[1..];
        if (count > 256 && !rest.IsEmpty)
        {
            value = (value << 8) | rest[0];
            rest = rest[1..];
        }
        return value % count;
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        ReadOnlySpan<byte> taken = rest[..Math.Min(count, rest.Length)];
        rest = rest[taken.Length..];
        return taken;
    }
}
