using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ManagedNvmet.Server.Verbs;

/// <summary>What verbs print: tables for a person, JSON for a program.</summary>
internal sealed class VerbOutput
{
    // Where there is no terminal, nothing is shortened: a program reads it.
    private const int WidthWithoutTerminal = int.MaxValue;
    private const string WidthVariable = "COLUMNS";

    private readonly TextWriter _output;

    /// <param name="output">Receives the text.</param>
    /// <param name="isJson">The user wants JSON.</param>
    /// <param name="isWide">Tables are as wide as their content.</param>
    public VerbOutput(TextWriter output, bool isJson, bool isWide)
    {
        _output = output;
        IsJson = isJson;
        Width = isWide ? WidthWithoutTerminal : TerminalWidth();
    }

    /// <summary>JSON is wanted.</summary>
    public bool IsJson { get; }

    /// <summary>Characters of a line.</summary>
    public int Width { get; }

    /// <summary>A value as JSON.</summary>
    public void Json<T>(T value, JsonTypeInfo<T> type)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true }))
            JsonSerializer.Serialize(writer, value, type);
        _output.WriteLine(System.Text.Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length));
    }

    /// <summary>A line.</summary>
    public void Line(string text) => _output.WriteLine(text);

    /// <summary>Prints rows under titles.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="empty">The sentence that is printed when there is no row.</param>
    /// <param name="columns">The columns.</param>
    public void Rows<T>(IReadOnlyList<T> rows, string empty, IReadOnlyList<Column<T>> columns)
    {
        foreach (string line in rows.Count == 0 ? [empty] : TextTable.Lines(rows, columns, Width))
            _output.WriteLine(line);
    }

    /// <summary>A number in decimal digits.</summary>
    public static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A size in binary units.</summary>
    public static string Bytes(double bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
        int unit = 0;
        while (bytes >= 1024 && unit < units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{bytes:0.##} {units[unit]}");
    }

    /// <summary>A time in words.</summary>
    public static string Duration(TimeSpan time) =>
        time.TotalDays >= 1 ? $"{(int)time.TotalDays} d {time.Hours} h"
        : time.TotalHours >= 1 ? $"{time.Hours} h {time.Minutes} min"
        : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s"
        : $"{time.Seconds} s";

    /// <summary>A moment on the clock of this machine.</summary>
    public static string Moment(DateTimeOffset time) =>
        time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    // The variable is for programs that show the output in a window of their own, and for tests.
    private static int TerminalWidth()
    {
        string? variable = Environment.GetEnvironmentVariable(WidthVariable);
        if (int.TryParse(variable, NumberStyles.None, CultureInfo.InvariantCulture, out int columns) && columns > 0)
        {
            return columns;
        }
        if (Console.IsOutputRedirected)
            return WidthWithoutTerminal;
        int width = Console.WindowWidth;
        return width > 0 ? width : WidthWithoutTerminal;
    }
}
