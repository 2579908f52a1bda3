using System.Text.RegularExpressions;
using Xunit;

namespace ManagedNvmet.Architecture.Tests;

public sealed partial class SolutionTests
{
    [Fact]
    public void Every_project_is_in_the_solution_in_the_folder_that_it_lies_in()
    {
        string repository = AssemblyFacts.RepositoryFolder();
        string solution = File.ReadAllText(Path.Combine(repository, "ManagedNvmet.sln"));
        var names = Project().Matches(solution).ToDictionary(match => match.Groups["id"].Value, match => match.Groups["name"].Value);
        string[] inSolution =
        [
            .. Project().Matches(solution).Where(match => match.Groups["path"].Value.EndsWith(".csproj", StringComparison.Ordinal))
                .Select(match => $"{FolderOf(match.Groups["id"].Value)}: {match.Groups["path"].Value.Replace('\\', '/')}"),
        ];
        string[] onDisk =
        [
            .. new[] { "src", "tests", "benchmarks", "samples" }.SelectMany(folder =>
                Directory.EnumerateFiles(Path.Combine(repository, folder), "*.csproj", SearchOption.AllDirectories)
                    .Select(file => $"{folder}: {Path.GetRelativePath(repository, file).Replace('\\', '/')}")),
        ];

        Assert.Equal(onDisk.Order(StringComparer.Ordinal), inSolution.Order(StringComparer.Ordinal));

        string FolderOf(string project)
        {
            Match match = Regex.Match(
                solution, Regex.Escape(project) + @" = (?<folder>\{[0-9A-F-]+\})\s*$", RegexOptions.Multiline);
            return match.Success ? names[match.Groups["folder"].Value] : "none";
        }
    }

    [Fact]
    public void The_solution_has_the_two_builds_that_are_used_and_no_other()
    {
        string solution = File.ReadAllText(Path.Combine(AssemblyFacts.RepositoryFolder(), "ManagedNvmet.sln"));

        Assert.DoesNotContain("|x64", solution, StringComparison.Ordinal);
        Assert.DoesNotContain("|x86", solution, StringComparison.Ordinal);
    }

    [GeneratedRegex("""^Project\("[^"]+"\) = "(?<name>[^"]+)", "(?<path>[^"]+)", "(?<id>[^"]+)"\s*$""", RegexOptions.Multiline)]
    private static partial Regex Project();
}
