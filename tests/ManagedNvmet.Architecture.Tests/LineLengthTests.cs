using Xunit;

namespace ManagedNvmet.Architecture.Tests;

/// <summary>The length of the lines of code. <see cref="DocumentTests"/> checks the Markdown files.</summary>
public sealed class LineLengthTests
{
    private const int MaxColumns = 140;

    [Fact]
    public void No_line_is_longer_than_140_columns()
    {
        string repository = AssemblyFacts.RepositoryFolder();
        string[] longLines =
        [
            .. Directory.EnumerateFiles(repository, "*.cs", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(repository, file))
                .Where(file => !file.Split(Path.DirectorySeparatorChar)
                    .Any(folder => folder is "bin" or "obj" or "artifacts" or "node_modules" or ".git"))
                .SelectMany(file => File.ReadLines(Path.Combine(repository, file))
                    .Select((line, index) => (line.Length, Place: $"{file}:{index + 1}")))
                .Where(line => line.Length > MaxColumns)
                .Select(line => line.Place),
        ];

        Assert.Empty(longLines);
    }
}
