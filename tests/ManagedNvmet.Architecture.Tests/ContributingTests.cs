using System.Text.RegularExpressions;
using Xunit;

namespace ManagedNvmet.Architecture.Tests;

/// <summary>The worked examples of CONTRIBUTING.md are true: each names an example, the places in src where somebody writes to add one like
/// it, and a test.</summary>
public sealed partial class ContributingTests
{
    private const int MaxPlaces = 2;

    private static readonly string Repository = AssemblyFacts.RepositoryFolder();
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository, "CONTRIBUTING.md"));

    /// <summary>Titles of the sections that say how to add something.</summary>
    public static TheoryData<string> Examples => [.. Heading().Matches(Text).Select(match => match.Groups["title"].Value)];

    [Fact]
    public void There_is_an_example_for_each_kind_of_thing()
    {
        Assert.Equal(
            [
                "a log page", "an I/O command", "a feature", "a configuration attribute", "a limit and its refusal", "a metric",
                "a verb and its request", "a kind of namespace",
            ],
            Examples.Select(row => row.Data));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_names_at_most_two_places_and_a_test_that_exist(string title)
    {
        string section = Section(title);
        string[] places = [.. Place().Matches(section).Select(match => match.Groups["path"].Value)];
        string[] tests = [.. TestPlace().Matches(section).Select(match => match.Groups["path"].Value)];

        Assert.InRange(places.Length, 1, MaxPlaces);
        Assert.NotEmpty(tests);
        Assert.All(places, place => Assert.StartsWith("src/", place, StringComparison.Ordinal));
        Assert.All(tests, place => Assert.StartsWith("tests/", place, StringComparison.Ordinal));
        Assert.All(places.Concat(tests), path => Assert.True(File.Exists(Path.Combine(Repository, path)), $"{path} does not exist."));
    }

    // The name of the example appears in these places, and in the listed files that use it, and nowhere else in src.
    [Theory]
    [MemberData(nameof(Examples))]
    public void No_other_file_of_src_names_the_example(string title)
    {
        string section = Section(title);
        string name = Example().Match(section).Groups["name"].Value;
        Assert.NotEqual("", name);
        var word = new Regex($"(?<![A-Za-z0-9_]){Regex.Escape(name)}(?![A-Za-z0-9_])");

        IEnumerable<string> found = Directory.EnumerateFiles(Path.Combine(Repository, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(folder => folder is "bin" or "obj"))
            .Where(file => word.IsMatch(File.ReadAllText(file)))
            .Select(file => Path.GetRelativePath(Repository, file).Replace(Path.DirectorySeparatorChar, '/'));

        Assert.Equal(
            Place().Matches(section).Concat(Use().Matches(section)).Select(match => match.Groups["path"].Value).Order(
                StringComparer.Ordinal),
            found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void The_test_of_an_example_names_it_or_what_is_derived_from_it(string title)
    {
        string section = Section(title);

        Assert.All(TestPlace().Matches(section), match => Assert.Contains(
            match.Groups["what"].Value, File.ReadAllText(Path.Combine(Repository, match.Groups["path"].Value)), StringComparison.Ordinal));
    }

    private static string Section(string title)
    {
        string section = Text[Text.IndexOf($"### Add {title}\n", StringComparison.Ordinal)..];
        int end = section.IndexOf("\n#", 1, StringComparison.Ordinal);
        return end < 0 ? section : section[..end];
    }

    [GeneratedRegex(@"^### Add (?<title>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^Example: `(?<name>[^`]+)`", RegexOptions.Multiline)]
    private static partial Regex Example();

    [GeneratedRegex(@"^\d\. `(?<path>[^`]+)`", RegexOptions.Multiline)]
    private static partial Regex Place();

    [GeneratedRegex(@"^\* Used in `(?<path>[^`]+)`", RegexOptions.Multiline)]
    private static partial Regex Use();

    [GeneratedRegex(@"^\* `(?<path>[^`]+)`: `(?<what>[^`]+)`", RegexOptions.Multiline)]
    private static partial Regex TestPlace();
}
