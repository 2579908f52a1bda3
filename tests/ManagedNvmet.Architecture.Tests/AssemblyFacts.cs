using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;

namespace ManagedNvmet.Architecture.Tests;

/// <summary>What an assembly really refers to, read from its metadata: what the compiler saw, not what the folders say.</summary>
internal sealed class AssemblyFacts
{
    public AssemblyFacts(string name)
    {
        Name = name;
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, name + ".dll")));
        MetadataReader reader = file.GetMetadataReader();
        Assemblies = [.. reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))];
        Types =
        [
            .. reader.TypeReferences.Select(reader.GetTypeReference)
                .Select(type => $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}"),
        ];
    }

    public string Name { get; }

    public IReadOnlySet<string> Assemblies { get; }

    public IReadOnlySet<string> Types { get; }

    /// <summary>The repository, found from this source file.</summary>
    public static string RepositoryFolder([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
}
