using System.Globalization;

namespace ManagedNvmet.Configuration;

/// <summary>Places in a JSON file, as messages name them, and the pointers that unknown attributes are kept under.</summary>
internal static class JsonPath
{
    public static string Member(string path, string name)
    {
        bool isPlain = name.Length != 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '$');
        return isPlain ? $"{path}.{name}" : $"{path}['{name}']";
    }

    public static string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    /// <summary>One step of a JSON pointer (RFC 6901).</summary>
    public static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    public static string Unescape(string step) =>
        step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
