using System.Text.RegularExpressions;
using Xunit;

namespace ManagedNvmet.Architecture.Tests;

public sealed partial class SourceRuleTests
{
    /// <summary>The only files that may contain unsafe code or system calls. To allow another one, add it here.</summary>
    private static readonly string[] UnsafeFiles =
    [
        // System calls of the disks, memory mappings, and copies that bypass the processor caches.
        "ManagedNvmet.Backends/NativeFile.cs",
        "ManagedNvmet.Backends/NativeMemoryMap.cs",
        "ManagedNvmet.Backends/NativeMemoryWindow.cs",
        "ManagedNvmet.Backends/StreamingCopy.cs",

        // Aligned buffers, and the system calls and rings of the shard's loop.
        "ManagedNvmet.Io/Memory/BufferArena.cs",
        "ManagedNvmet.Io/Disks/BlockingDiskCalls.cs",
        "ManagedNvmet.Io/Disks/DiskOperation.cs",
        "ManagedNvmet.Io/Native/EventDescriptor.cs",
        "ManagedNvmet.Io/Native/LibC.cs",
        "ManagedNvmet.Io/Native/UringRing.cs",
        "ManagedNvmet.Io/Loop/PollTable.cs",
        "ManagedNvmet.Io/Sockets/SocketCalls.cs",
    ];

    [Fact]
    public void Unsafe_code_and_system_calls_stand_in_named_files_only()
    {
        string source = Path.Combine(AssemblyFacts.RepositoryFolder(), "src");
        string[] found =
        [
            .. Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
                .Where(file => !IsBuildOutput(source, file) && UnsafeCode().IsMatch(File.ReadAllText(file)))
                .Select(file => Path.GetRelativePath(source, file).Replace('\\', '/'))
                .Order(StringComparer.Ordinal),
        ];

        Assert.Equal(UnsafeFiles.Order(StringComparer.Ordinal), found);
    }

    [Fact]
    public void Only_the_projects_that_make_system_calls_may_hold_unsafe_code()
    {
        string source = Path.Combine(AssemblyFacts.RepositoryFolder(), "src");
        IEnumerable<string> projects = Directory.EnumerateFiles(source, "*.csproj", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("<AllowUnsafeBlocks>true", StringComparison.Ordinal))
            .Select(file => Path.GetFileNameWithoutExtension(file));

        Assert.Equal(["ManagedNvmet.Backends", "ManagedNvmet.Io"], projects.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_C_library_is_imported_in_one_file()
    {
        string source = Path.Combine(AssemblyFacts.RepositoryFolder(), "src");
        IEnumerable<string> found = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(file => !IsBuildOutput(source, file) && LibraryImport().IsMatch(File.ReadAllText(file)))
            .Select(file => Path.GetRelativePath(source, file).Replace('\\', '/'));

        Assert.Equal(["ManagedNvmet.Io/Native/LibC.cs"], found);
    }

    private static bool IsBuildOutput(string source, string file)
    {
        string[] parts = Path.GetRelativePath(source, file).Split(Path.DirectorySeparatorChar);
        return parts.Contains("obj") || parts.Contains("bin");
    }

    [GeneratedRegex(@"\b(DllImport|LibraryImport)\(")]
    private static partial Regex LibraryImport();

    [GeneratedRegex(@"\bunsafe\b|\b(DllImport|LibraryImport)\(")]
    private static partial Regex UnsafeCode();
}
