using System.Text.RegularExpressions;
using Xunit;

namespace ManagedNvmet.Architecture.Tests;

/// <summary>References between the folders of a project. A namespace is a folder and an unused using is an error, so the usings of a
/// folder's files are its references. A folder may also use the types of the folders that it lies in.</summary>
public sealed partial class FolderArrowTests
{
    private static readonly string Source = Path.Combine(AssemblyFacts.RepositoryFolder(), "src");

    /// <summary>A row for each folder: project, folder ("" for the project's root), and the folders that it refers to.</summary>
    /// <remarks>To add a folder, add its row. To add a project, add a row for each of its folders, and draw the arrows in
    /// docs/architecture.md. An arrow that no file needs is an error, too.</remarks>
    public static TheoryData<string, string, string> Arrows => new()
    {
        { "ManagedNvmet.Io", "Native", "" },
        { "ManagedNvmet.Io", "Memory", "Native" },
        { "ManagedNvmet.Io", "Sockets", "Native" },
        { "ManagedNvmet.Io", "Disks", "Native Memory" },
        { "ManagedNvmet.Io", "Loop", "Native Memory Sockets Disks" },
        { "ManagedNvmet.Protocol", "Wire", "" },
        { "ManagedNvmet.Protocol", "Digests", "" },
        { "ManagedNvmet.Protocol", "Pdu", "Wire" },
        { "ManagedNvmet.Protocol", "Sending", "" },
        { "ManagedNvmet.Protocol", "Connection", "Wire Sending" },
        { "ManagedNvmet.Protocol", "Receiving", "Wire Digests Pdu Connection" },
        { "ManagedNvmet.Protocol", "Slots", "Wire Digests Pdu Sending Connection Receiving" },
        { "ManagedNvmet.Protocol", "Controller", "Wire Pdu Sending Connection Receiving Slots" },
        { "ManagedNvmet.Protocol", "Host", "Wire Digests Pdu Sending Connection Receiving" },
        {
            "ManagedNvmet.Target", "",
            "Access Admission Ana Controllers Discovery Health "
            + "Logging Ports QualityOfService Queues Refusals Sessions Subsystems"
        },
        { "ManagedNvmet.Target", "Access", "Ports Refusals" },
        { "ManagedNvmet.Target", "Admission", "(root) Access Controllers Logging Ports Queues Refusals Subsystems" },
        { "ManagedNvmet.Target", "Ana", "" },
        { "ManagedNvmet.Target", "Commands", "Discovery Events Features Health Namespaces Wire" },
        { "ManagedNvmet.Target", "Commands/Admin", "Discovery Features Identify LogPages" },
        { "ManagedNvmet.Target", "Commands/Fabrics", "" },
        { "ManagedNvmet.Target", "Commands/Nvm", "Namespaces Wire" },
        { "ManagedNvmet.Target", "Commands/Tables", "Commands/Admin Commands/Fabrics Commands/Nvm" },
        {
            "ManagedNvmet.Target", "Controllers",
            "(root) Access Commands Commands/Tables Discovery Events "
            + "Health Logging Namespaces Queues Refusals Sessions Subsystems"
        },
        { "ManagedNvmet.Target", "Discovery", "Logging Ports" },
        { "ManagedNvmet.Target", "Events", "" },
        { "ManagedNvmet.Target", "Features", "Rows Wire" },
        { "ManagedNvmet.Target", "Health", "" },
        { "ManagedNvmet.Target", "Identify", "Commands Features LogPages Namespaces Rows Wire" },
        { "ManagedNvmet.Target", "LogPages", "Ana Commands Discovery Events Features Health Namespaces Rows Wire" },
        { "ManagedNvmet.Target", "Logging", "" },
        { "ManagedNvmet.Target", "Namespaces", "Access Ana Ports QualityOfService" },
        { "ManagedNvmet.Target", "Ports", "Ana" },
        { "ManagedNvmet.Target", "QualityOfService", "" },
        {
            "ManagedNvmet.Target", "Queues",
            "(root) Access Admission Commands Commands/Fabrics Commands/Tables Controllers "
            + "Health Logging Namespaces Ports QualityOfService Refusals Sessions"
        },
        { "ManagedNvmet.Target", "Refusals", "" },
        { "ManagedNvmet.Target", "Rows", "" },
        { "ManagedNvmet.Target", "Sessions", "Controllers Health" },
        {
            "ManagedNvmet.Target", "Subsystems",
            "(root) Access Admission Commands Controllers Discovery "
            + "Events Health Namespaces Ports QualityOfService Queues Refusals"
        },
        { "ManagedNvmet.Target", "Wire", "" },
    };

    public static TheoryData<string> Projects => [.. Arrows.Select(row => row.Data.Item1).Distinct()];

    [Theory]
    [MemberData(nameof(Arrows))]
    public void A_folder_refers_to_the_folders_of_its_row_and_to_no_others(string project, string folder, string allowed)
    {
        string[] used =
            [.. FilesOf(project, folder).SelectMany(file => ReferencesOf(project, folder, file)).Distinct().Order(StringComparer.Ordinal)];

        Assert.Equal(
            string.Join(' ', allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)),
            string.Join(' ', used));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_folder_of_the_project_has_a_row(string project)
    {
        string[] folders = [.. SourceFiles(project).Select(file => FolderOf(project, file)).Distinct().Order(StringComparer.Ordinal)];
        string[] rows = [.. Arrows.Where(row => row.Data.Item1 == project).Select(row => row.Data.Item2).Order(StringComparer.Ordinal)];

        Assert.Equal(folders, rows);
    }

    [Theory]
    [InlineData("ManagedNvmet.Io")]
    [InlineData("ManagedNvmet.Protocol")]
    public void A_folder_refers_only_to_folders_of_rows_above_its_own_so_there_is_no_circle(string project)
    {
        var above = new HashSet<string>();
        foreach ((string folder, string allowed) in Arrows
            .Where(row => row.Data.Item1 == project).Select(row => (row.Data.Item2, row.Data.Item3)))
        {
            Assert.Empty(allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Except(above));
            above.Add(folder);
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_namespace_is_a_folder(string project)
    {
        string[] wrong =
        [
            .. SourceFiles(project).Where(file => NamespaceLine().Match(File.ReadAllText(file)).Groups["name"].Value
                != $"{project}.{FolderOf(project, file).Replace('/', '.')}".TrimEnd('.')),
        ];

        Assert.Empty(wrong);
    }

    private static IEnumerable<string> ReferencesOf(string project, string folder, string file)
    {
        string text = File.ReadAllText(file);
        foreach (Match match in UsingLine().Matches(text))
        {
            string name = match.Groups["name"].Value;
            if (name.StartsWith(project + ".", StringComparison.Ordinal))
                yield return name[(project.Length + 1)..].Replace('.', '/');
        }

        // Types of the root need no using: looked for by name.
        if (folder.Length > 0 && RootTypesOf(project).Any(type => Regex.IsMatch(CommentOrText().Replace(text, ""), $@"(?<![.\w]){type}\b")))
            yield return "(root)";
    }

    // Records of limits and options are data that every folder may use.
    private static IEnumerable<string> RootTypesOf(string project) =>
        Directory.EnumerateFiles(Path.Combine(Source, project), "*.cs").Select(file => Path.GetFileName(file).Split('.')[0]).Distinct()
            .Except(["TargetLimits", "TargetOptions"]);

    private static IEnumerable<string> FilesOf(string project, string folder) =>
        Directory.EnumerateFiles(Path.Combine(Source, project, folder), "*.cs");

    private static IEnumerable<string> SourceFiles(string project) =>
        Directory.EnumerateFiles(Path.Combine(Source, project), "*.cs", SearchOption.AllDirectories)
            .Where(file => FolderOf(project, file).Split('/')[0] is not ("obj" or "bin"));

    private static string FolderOf(string project, string file)
    {
        string folder = Path.GetRelativePath(Path.Combine(Source, project), Path.GetDirectoryName(file)!).Replace('\\', '/');
        return folder == "." ? "" : folder;
    }

    [GeneratedRegex(@"^using (static )?(\w+ = )?(?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"//[^\n]*|""(?:\\.|[^""\\\n])*""")]
    private static partial Regex CommentOrText();
}
