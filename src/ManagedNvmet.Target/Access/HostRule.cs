using System.Net;

namespace ManagedNvmet.Target.Access;

/// <summary>A host that may use a subsystem, and what else it has to show.</summary>
/// <param name="Nqn">The host's name (HOSTNQN).</param>
public sealed record HostRule(Nqn Nqn)
{
    /// <summary>The host identifier (HOSTID) that the host must have, in the byte order of RFC 4122, as Linux sends it; null for
    /// any.</summary>
    public Guid? HostId { get; init; }

    /// <summary>The networks that the host may come from; null for any. An IPv4 address in IPv6 clothes counts as IPv4.</summary>
    public IReadOnlyCollection<IPNetwork>? SourceNetworks { get; init; }

    /// <summary>The host has to authenticate itself (DH-HMAC-CHAP), which this version cannot do: the rule lets nobody in.</summary>
    public bool RequiresAuthentication { get; init; }
}
