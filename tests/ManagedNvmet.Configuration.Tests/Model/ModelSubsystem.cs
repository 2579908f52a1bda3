using System.Collections.Immutable;

namespace ManagedNvmet.Configuration.Tests.Model;

/// <summary>A subsystem in the model. Sets of hosts and ports are bit masks.</summary>
/// <param name="Allowed">Hosts that may connect; null for any.</param>
/// <param name="Ports">Ports through which hosts reach it.</param>
/// <param name="IsHidden">True when discovery does not list it.</param>
/// <param name="Revision">Part of its model number. A change of it replaces the subsystem.</param>
/// <param name="Namespaces">Namespaces by NSID.</param>
internal sealed record ModelSubsystem(
    int? Allowed, int Ports, bool IsHidden, int Revision, ImmutableSortedDictionary<uint, ModelNamespace> Namespaces)
{
    public bool Allows(int host) => ((Allowed ?? -1) >> host & 1) != 0;

    public bool IsAt(int port) => (Ports >> port & 1) != 0;
}
