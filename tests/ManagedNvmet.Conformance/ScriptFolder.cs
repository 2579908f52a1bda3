namespace ManagedNvmet.Conformance;

/// <summary>Loads the scripts from the folder of this program.</summary>
internal static class ScriptFolder
{
    /// <summary>Tests in real time skip scripts that wait longer than this.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "scripts");

    public static IReadOnlyList<Script> All { get; } =
        [.. Directory.EnumerateFiles(Path, "*.txt").Order(StringComparer.Ordinal).Select(Script.Load)];

    public static Script Find(string name) => All.Single(script => script.Name == name);
}
