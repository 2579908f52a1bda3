using System.Collections.Immutable;

namespace ManagedNvmet.Configuration.Tests.Model;

/// <summary>A subsystem as the model has it. Sets of hosts and ports are bits.</summary>
/// <param name="Allowed">The hosts that may connect; null for any.</param>
/// <param name="Ports">Where it is reached.</param>
/// <param name="IsHidden">Discovery does not tell of it.</param>
/// <param name="Revision">Part of its model number: another one makes another subsystem.</param>
/// <param name="Namespaces">By NSID.</param>
internal sealed record ModelSubsystem(
    int? Allowed, int Ports, bool IsHidden, int Revision, ImmutableSortedDictionary<uint, ModelNamespace> Namespaces)
{
    public bool Allows(int host) => ((Allowed ?? -1) >> host & 1) != 0;

    public bool IsAt(int port) => (Ports >> port & 1) != 0;
}
