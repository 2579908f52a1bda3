using System.Globalization;
using System.Text;

namespace ManagedNvmet.Target.Logging;

/// <summary>What a peer sent, made fit for a log: bounded, and without characters that could forge or hide a line.</summary>
internal static class LogText
{
    private const int MaxCharacters = Nqn.MaxBytes;

    /// <summary>A name field of a Connect command that may not even be terminated.</summary>
    public static string Field(ReadOnlySpan<byte> field)
    {
        int length = field.IndexOf((byte)0);
        ReadOnlySpan<byte> name = length < 0 ? field : field[..length];
        return Escape(Encoding.Latin1.GetString(name[..Math.Min(name.Length, MaxCharacters)]));
    }

    /// <summary>Printable ASCII stays; everything else becomes \xHHHH, and what is too long is cut.</summary>
    public static string Escape(string text)
    {
        if (text.Length == 0)
            return "(empty)";
        bool isPlain = text.Length <= MaxCharacters && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.Contains('\\');
        if (isPlain)
            return text;
        var escaped = new StringBuilder(MaxCharacters + 8);
        foreach (char c in text)
        {
            if (escaped.Length >= MaxCharacters)
            {
                escaped.Append("...");
                break;
            }
            if (c is >= ' ' and <= '~' and not '\\')
                escaped.Append(c);
            else
                escaped.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:X4}");
        }
        return escaped.ToString();
    }
}
