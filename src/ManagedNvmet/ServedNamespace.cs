using ManagedNvmet.Target;

namespace ManagedNvmet;

/// <summary>A namespace and what it is called.</summary>
/// <param name="Name">The path or specification that it was given by.</param>
/// <param name="Namespace">The namespace.</param>
public sealed record ServedNamespace(string Name, Namespace Namespace);
