namespace ManagedNvmet.Target.Wire;

/// <summary>Text in a field of fixed length: printable ASCII, padded with spaces.</summary>
internal static class AsciiField
{
    /// <summary>Writes as much of <paramref name="text"/> as the field holds. A character that the field may not hold becomes a
    /// question mark.</summary>
    public static void Write(Span<byte> field, string text)
    {
        field.Fill((byte)' ');
        ReadOnlySpan<char> kept = text.AsSpan(0, Math.Min(text.Length, field.Length));
        for (int i = 0; i < kept.Length; i++)
            field[i] = kept[i] is >= ' ' and <= '~' ? (byte)kept[i] : (byte)'?';
    }
}
