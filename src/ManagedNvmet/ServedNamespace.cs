using ManagedNvmet.Backends.Kinds;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet;

/// <summary>A namespace and what it is called.</summary>
/// <param name="Name">The path or specification that it was given by, without its options.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="Kind">The kind that opened it; null for a device that the program brought along.</param>
public sealed record ServedNamespace(string Name, Namespace Namespace, BackendKind? Kind)
{
    /// <summary>What carries it, for a person: "file, direct I/O".</summary>
    public string Medium => Kind?.Describe(Namespace.Device) ?? Namespace.Device.GetType().Name;
}
