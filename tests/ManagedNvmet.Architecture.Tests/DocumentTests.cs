using System.Text.RegularExpressions;
using Xunit;

namespace ManagedNvmet.Architecture.Tests;

/// <summary>The documents of the repository: links lead somewhere, lines are short, pages are in their folders.</summary>
public sealed partial class DocumentTests
{
    private const int MaxColumns = 140;
    private const int MaxPerformanceLines = 200;

    private static readonly string Repository = AssemblyFacts.RepositoryFolder();

    /// <summary>Every Markdown file, relative to the repository.</summary>
    public static TheoryData<string> Documents =>
    [
        .. Directory.EnumerateFiles(Repository, "*.md", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository, file))
            .Where(file => !file.Split(Path.DirectorySeparatorChar)
                .Any(folder => folder is "bin" or "obj" or "artifacts" or "node_modules" or ".git")),
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_link_to_a_file_leads_to_a_file_and_a_heading_that_exist(string document)
    {
        string text = ReadWithoutCode(document);
        string folder = Path.GetDirectoryName(Path.Combine(Repository, document))!;

        string[] broken =
        [
            .. Link().Matches(text).Select(match => match.Groups["to"].Value)
                .Where(link => !link.Contains("://", StringComparison.Ordinal) && !link.StartsWith("mailto:", StringComparison.Ordinal))
                .Where(link => !LeadsSomewhere(link, Path.Combine(Repository, document), folder)),
        ];

        Assert.Empty(broken);
    }

    // A row of a table cannot be broken into lines. In what is written by hand it can be made short.
    [Theory]
    [MemberData(nameof(Documents))]
    public void No_line_is_longer_than_140_columns_but_rows_of_generated_tables(string document)
    {
        bool isReference = document.StartsWith(Path.Combine("docs", "reference"), StringComparison.Ordinal);

        string[] longLines =
        [
            .. File.ReadAllLines(Path.Combine(Repository, document))
                .Where(line => line.Length > MaxColumns && !(isReference && line.StartsWith('|'))),
        ];

        Assert.Empty(longLines);
    }

    [Fact]
    public void Every_document_that_code_and_scripts_name_exists()
    {
        string[] broken =
        [
            .. new[] { "src", "tests", "benchmarks", "samples", "eng" }.SelectMany(folder =>
                    Directory.EnumerateFiles(Path.Combine(Repository, folder), "*", SearchOption.AllDirectories))
                .Concat(Directory.EnumerateFiles(Repository, "*.sh"))
                .Where(file => Path.GetExtension(file) is ".cs" or ".csproj" or ".sh" or ".json" or ".html" or ".js")
                .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(folder => folder is "bin" or "obj"))
                .SelectMany(file => NamedDocument().Matches(File.ReadAllText(file)).Select(match => (File: file, Document: match.Value)))
                .Where(named => !File.Exists(Path.Combine(Repository, named.Document)))
                .Select(named => $"{Path.GetRelativePath(Repository, named.File)} names {named.Document}"),
        ];

        Assert.Empty(broken);
    }

    [Fact]
    public void The_page_on_performance_can_be_read_in_one_go()
    {
        Assert.InRange(File.ReadAllLines(Path.Combine(Repository, "docs", "performance.md")).Length, 1, MaxPerformanceLines);
    }

    [Fact]
    public void A_decision_has_a_number_of_its_own_and_the_four_parts()
    {
        string[] pages =
        [
            .. Directory.EnumerateFiles(Path.Combine(Repository, "docs", "decisions"))
                .Where(file => !file.EndsWith("README.md", StringComparison.Ordinal)),
        ];

        Assert.All(pages, page => Assert.Matches(@"^\d{4}-[a-z0-9-]+\.md$", Path.GetFileName(page)));
        Assert.Equal(pages.Length, pages.Select(page => Path.GetFileName(page)[..4]).Distinct(StringComparer.Ordinal).Count());
        Assert.All(pages, page => Assert.Equal(
            ["## Context", "## Decision", "## Alternatives", "## Consequences"],
            File.ReadLines(page).Where(line => line.StartsWith("## ", StringComparison.Ordinal))));
    }

    private static bool LeadsSomewhere(string link, string document, string folder)
    {
        string[] parts = link.Split('#', 2);
        string target = parts[0].Length == 0 ? document : Path.GetFullPath(Path.Combine(folder, Uri.UnescapeDataString(parts[0])));
        if (parts.Length == 1)
            return File.Exists(target) || Directory.Exists(target);

        return File.Exists(target) && File.ReadLines(target).Where(line => line.StartsWith('#')).Select(AnchorOf).Contains(parts[1]);
    }

    // A heading's anchor: small letters, hyphens for spaces, and no other punctuation.
    private static string AnchorOf(string heading) =>
        string.Concat(heading.TrimStart('#').Trim().ToLowerInvariant()
            .Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_')
            .Select(letter => letter == ' ' ? '-' : letter));

    // Code holds what looks like a link and is none.
    private static string ReadWithoutCode(string document) =>
        Code().Replace(File.ReadAllText(Path.Combine(Repository, document)), "");

    [GeneratedRegex(@"(?<![\w/])docs/[\w/.-]+\.md")]
    private static partial Regex NamedDocument();

    [GeneratedRegex(@"\]\((?<to>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"```.*?```|`[^`\n]*`|^(?: {4}|\t)[^\n]*$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();
}
