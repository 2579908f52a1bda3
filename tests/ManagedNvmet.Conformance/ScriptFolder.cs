namespace ManagedNvmet.Conformance;

/// <summary>The scripts that lie beside this program.</summary>
internal static class ScriptFolder
{
    /// <summary>Where time has to be waited for, scripts that wait longer are left out.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "scripts");

    public static IReadOnlyList<Script> All { get; } =
        [.. Directory.EnumerateFiles(Path, "*.txt").Order(StringComparer.Ordinal).Select(Script.Load)];

    public static Script Find(string name) => All.Single(script => script.Name == name);
}
