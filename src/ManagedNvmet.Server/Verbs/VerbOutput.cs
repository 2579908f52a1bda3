using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace ManagedNvmet.Server.Verbs;

/// <summary>What verbs print: tables for a person, JSON for a program.</summary>
internal sealed class VerbOutput
{
    // A file or another program has no width; what it gets must not be cut.
    private const int WidthWithoutTerminal = 1000;

    private readonly TextWriter _output;

    public VerbOutput(TextWriter output, bool isJson)
    {
        _output = output;
        IsJson = isJson;
        Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (System.Console.IsOutputRedirected)
            Console.Profile.Width = WidthWithoutTerminal;
    }

    /// <summary>JSON is wanted.</summary>
    public bool IsJson { get; }

    /// <summary>The terminal.</summary>
    public IAnsiConsole Console { get; }

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

    /// <summary>Rows under titles; what is said when there is none.</summary>
    public void Rows<T>(IEnumerable<T> rows, string empty, params (string Title, Func<T, string> Cell)[] columns)
    {
        T[] all = [.. rows];
        if (all.Length == 0)
            _output.WriteLine(empty);
        else
            Console.Write(TableOf(all, columns));
    }

    /// <summary>The same, for a view that is drawn again and again.</summary>
    public static Table TableOf<T>(IEnumerable<T> rows, params (string Title, Func<T, string> Cell)[] columns)
    {
        Table table = new Table().Border(TableBorder.None);
        foreach ((string title, _) in columns)
        {
            var head = new Text(title.ToUpperInvariant(), new Style(decoration: Decoration.Dim));
            table.AddColumn(new TableColumn(head) { NoWrap = true }.PadRight(2));
        }
        foreach (T row in rows)
            table.AddRow([.. columns.Select(column => new Text(column.Cell(row)))]);
        return table;
    }

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
}
