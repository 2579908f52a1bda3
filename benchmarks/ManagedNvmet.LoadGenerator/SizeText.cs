using System.Globalization;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Sizes as people write them: 4096, 4k, 128KiB, 1G. The units are powers of two.</summary>
public static class SizeText
{
    private const string Units = "KMGT";

    /// <summary>Reads a size; false when the text is none or does not fit.</summary>
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
