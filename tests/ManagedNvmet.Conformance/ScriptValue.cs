using System.Globalization;

namespace ManagedNvmet.Conformance;

/// <summary>Parses the numbers, names, times and bytes of a script.</summary>
internal static class ScriptValue
{
    private static readonly Dictionary<string, ulong> Names = new()
    {
        ["InvalidHeaderField"] = 1,
        ["SequenceError"] = 2,
        ["HeaderDigestError"] = 3,
        ["OutOfRange"] = 4,
        ["LimitExceeded"] = 5,
        ["UnsupportedParameter"] = 6,
        ["none"] = 0,
        ["header"] = 1,
        ["data"] = 2,
        ["both"] = 3,
        ["incapsule"] = 0x01,
        ["transport"] = 0x5A,
        ["max"] = ulong.MaxValue,
    };

    /// <summary>Parses a number, the name of a number, or a status written as SCT/SC.</summary>
    public static ulong Number(string text)
    {
        int slash = text.IndexOf('/');
        if (slash > 0)
            return (Hex(text[..slash]) << 8) | Hex(text[(slash + 1)..]);
        if (Names.TryGetValue(text, out ulong named))
            return named;
        if (text.StartsWith("0x", StringComparison.Ordinal))
            return Hex(text[2..]);
        int scale = text[^1] == 'k' ? 1024 : 1;
        return ulong.TryParse(scale > 1 ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            ? number * (ulong)scale
            : throw new ScriptException($"'{text}' is no number and no name of one.");
    }

    public static TimeSpan Duration(string text) => text.EndsWith("ms", StringComparison.Ordinal)
        ? TimeSpan.FromMilliseconds(Number(text[..^2]))
        : TimeSpan.FromSeconds(Number(text.TrimEnd('s')));

    /// <summary>Parses <c>zeros </c>, <c>pattern:SEED </c>, <c>fill:BYTE </c> or <c>hex:DIGITS </c>. </summary>
    public static byte[] Bytes(string text, int length)
    {
        string[] parts = text.Split(':');
        byte[] bytes = parts[0] switch
        {
            "zeros" => new byte[length],
            "pattern" => Pattern.Make(length, (int)Number(parts[1])),
            "fill" => [.. Enumerable.Repeat((byte)Number(parts[1]), length)],
            "hex" => Convert.FromHexString(parts[1]),
            _ => throw new ScriptException($"'{text}' is no data: expected zeros, pattern:SEED, fill:BYTE or hex:DIGITS."),
        };
        return bytes;
    }

    private static ulong Hex(string text) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number)
            ? number
            : throw new ScriptException($"'{text}' is no hexadecimal number.");
}
