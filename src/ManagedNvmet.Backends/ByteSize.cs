using System.Globalization;

namespace ManagedNvmet.Backends;

/// <summary>Parses sizes that a person writes.</summary>
public static class ByteSize
{
    /// <summary>Reads a whole number with an optional unit K, M, G, T or P, in either case, with an optional "iB" or "B" behind it.
    /// All units are powers of 1024.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ulong bytes)
    {
        bytes = 0;
        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
            digits++;
        if (!ulong.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
            return false;
        int shift;
        switch (text[digits..].ToString().ToUpperInvariant())
        {
            case "" or "B":
                shift = 0;
                break;
            case "K" or "KB" or "KIB":
                shift = 10;
                break;
            case "M" or "MB" or "MIB":
                shift = 20;
                break;
            case "G" or "GB" or "GIB":
                shift = 30;
                break;
            case "T" or "TB" or "TIB":
                shift = 40;
                break;
            case "P" or "PB" or "PIB":
                shift = 50;
                break;
            default:
                return false;
        }
        if (number > ulong.MaxValue >> shift)
            return false;
        bytes = number << shift;
        return true;
    }
}
