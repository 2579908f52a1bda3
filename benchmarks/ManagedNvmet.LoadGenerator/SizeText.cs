using System.Globalization;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Parses sizes such as 4096, 4k, 128KiB or 1G. The units are powers of 1024.</summary>
public static class SizeText
{
    private const string Units = "KMGT";

    /// <summary>Parses a size in bytes. Returns false when the text is not a size or the size exceeds 64 bits.</summary>
    public static bool TryParse(string text, out ulong bytes)
    {
        bytes = 0;
        string digits = text.TrimEnd();
        foreach (string suffix in new[] { "iB", "B" })
        {
            if (digits.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                digits = digits[..^suffix.Length];
                break;
            }
        }
        int shift = 0;
        if (digits.Length > 0 && Units.IndexOf(char.ToUpperInvariant(digits[^1]), StringComparison.Ordinal) is >= 0 and int unit)
        {
            shift = 10 * (unit + 1);
            digits = digits[..^1];
        }
        if (!ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) || number > ulong.MaxValue >> shift)
            return false;
        bytes = number << shift;
        return true;
    }
}
