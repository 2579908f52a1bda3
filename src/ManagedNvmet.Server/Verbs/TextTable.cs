namespace ManagedNvmet.Server.Verbs;

/// <summary>Lays out rows under titles. Where the terminal is too narrow it shortens names, then leaves out columns by their priority, and
/// says so below the table.</summary>
internal static class TextTable
{
    private const string Gap = "  ";
    private const int MinNameLength = 12;

    /// <summary>The lines of a table.</summary>
    /// <param name="rows">At least one.</param>
    /// <param name="columns">In the order of the table.</param>
    /// <param name="width">Characters of a line.</param>
    public static IReadOnlyList<string> Lines<T>(IReadOnlyList<T> rows, IReadOnlyList<Column<T>> columns, int width)
    {
        List<Laid> laid =
            [.. columns.Select(column => new Laid(column.Title, column.Priority, column.IsName, [.. rows.Select(column.Cell)]))];
        bool isShort = false;
        if (WidthOf(laid) > width)
        {
            foreach (Laid name in laid.Where(each => each.IsName))
            {
                IReadOnlyList<string> forms = ShortNames.Of(name.Cells);
                isShort |= !forms.SequenceEqual(name.Cells);
                name.Cells = forms;
            }
        }
        List<string> left = [];
        while (WidthOf(laid) > width && laid.MaxBy(each => each.Priority) is { Priority: > 0 } least)
        {
            laid.Remove(least);
            left.Add(least.Title);
        }
        while (WidthOf(laid) > width && laid.Where(each => each.IsName).MaxBy(each => each.Width) is { Width: > MinNameLength } longest)
        {
            int length = Math.Max(MinNameLength, longest.Width - (WidthOf(laid) - width));
            longest.Cells = [.. longest.Cells.Select(cell => ShortNames.Cut(cell, length))];
            isShort = true;
            if (longest.Width > length)
                break;
        }
        List<string> lines = [Line(laid, each => each.Title.ToUpperInvariant())];
        for (int row = 0; row < rows.Count; row++)
            lines.Add(Line(laid, each => each.Cells[row]));
        if (Note(isShort, left) is { } note)
            lines.Add(note);
        return lines;
    }

    private static int WidthOf(List<Laid> columns) => columns.Sum(each => each.Width) + (Gap.Length * (columns.Count - 1));

    private static string Line(List<Laid> columns, Func<Laid, string> cell) =>
        string.Join(Gap, columns.Select(each => cell(each).PadRight(each.Width))).TrimEnd();

    private static string? Note(bool isShort, List<string> left)
    {
        string[] parts =
        [
            .. isShort ? (string[])["names are short"] : [],
            .. left.Count > 0 ? (string[])["left out: " + string.Join(", ", left)] : [],
        ];
        return parts.Length == 0 ? null : $"({string.Join("; ", parts)}; --wide shows all)";
    }

    /// <summary>A column with its texts.</summary>
    private sealed class Laid(string title, int priority, bool isName, IReadOnlyList<string> cells)
    {
        public string Title { get; } = title;

        public int Priority { get; } = priority;

        public bool IsName { get; } = isName;

        public IReadOnlyList<string> Cells { get; set; } = cells;

        public int Width => Math.Max(Title.Length, Cells.Count == 0 ? 0 : Cells.Max(cell => cell.Length));
    }
}
