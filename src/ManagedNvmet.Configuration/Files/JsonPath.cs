using System.Globalization;

namespace ManagedNvmet.Configuration;

/// <summary>Makes the paths that messages use for places in a JSON file (<c>$.ports[0].addr</c>), and the JSON pointers under which unknown
/// attributes are kept.</summary>
internal static class JsonPath
{
    public static string Member(string path, string name)
    {
        bool isPlain = name.Length != 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '$');
        return isPlain ? $"{path}.{name}" : $"{path}['{name}']";
    }

    public static string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    /// <summary>Escapes a property name for use in a JSON pointer (RFC 6901).</summary>
    public static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    public static string Unescape(string step) =>
        step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
