namespace ManagedNvmet.Server;

/// <summary>Text as one word of a POSIX shell, for lines that are printed to be typed.</summary>
internal static class ShellWord
{
    private const string Plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/@%+=-,";

    /// <summary>Returns the text itself when no character of it means something to a shell, and otherwise the text in quotes.</summary>
    public static string Of(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(Plain)
        ? text
        : "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
