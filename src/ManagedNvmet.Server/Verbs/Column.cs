namespace ManagedNvmet.Server.Verbs;

/// <summary>A column of a table.</summary>
/// <param name="Title">The head.</param>
/// <param name="Cell">The text of a row.</param>
internal sealed record Column<T>(string Title, Func<T, string> Cell)
{
    /// <summary>0: always shown. Where the terminal is too narrow, the column with the highest number is left out first.</summary>
    public int Priority { get; init; }

    /// <summary>The cells may be shortened where the terminal is too narrow: names, paths and sentences.</summary>
    public bool IsName { get; init; }
}
