using ManagedNvmet.Backends;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet;

/// <summary>A namespace and what it is called.</summary>
/// <param name="Name">The path or specification that it was given by, without its options.</param>
/// <param name="Namespace">The namespace.</param>
public sealed record ServedNamespace(string Name, Namespace Namespace)
{
    /// <summary>What carries it, for a person: "file, direct I/O".</summary>
    public string Medium => Namespace.Device switch
    {
        FileDevice file => (file.IsBlockDevice ? "block device" : "file") + (file.IsDirect ? ", direct I/O" : ", through the page cache"),
        MemoryDevice => "memory, lost when the server stops",
        NullDevice => "keeps nothing",
        _ => Namespace.Device.GetType().Name,
    };
}
