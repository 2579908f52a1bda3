using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;

namespace ManagedNvmet.Architecture.Tests;

/// <summary>The references of a compiled assembly, read from its metadata.</summary>
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

    public HashSet<string> Assemblies { get; }

    public HashSet<string> Types { get; }

    /// <summary>Returns the root folder of the repository, computed from the path of this source file.</summary>
    public static string RepositoryFolder([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
}
