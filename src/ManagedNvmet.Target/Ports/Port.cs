using System.Collections.Immutable;
using System.Net;
using ManagedNvmet.Target.Ana;

namespace ManagedNvmet.Target.Ports;

/// <summary>A listener: what is served there, and how the discovery log page tells of it.</summary>
/// <param name="Id">PORTID, 1 to 65535.</param>
/// <param name="Address">Where it listens; the wildcard address stands for whatever address a host reached.</param>
/// <param name="TcpPort">The TCP port, 1 to 65535; usually 4420.</param>
public sealed record Port(ushort Id, IPAddress Address, int TcpPort)
{
    /// <summary>The address that discovery tells instead of <see cref="Address"/>, where hosts reach the port through another one
    /// (address translation); null for its own.</summary>
    public IPAddress? AdvertisedAddress { get; init; }

    /// <summary>The subsystems that are exported here; null for all.</summary>
    public ImmutableHashSet<Nqn>? Subsystems { get; init; }

    /// <summary>Other discovery subsystems that discovery controllers which are reached here tell of.</summary>
    public ImmutableArray<Referral> Referrals { get; init; } = [];

    /// <summary>TREQ bits 1:0: whether hosts need a secure channel (TLS).</summary>
    public SecureChannel SecureChannel { get; init; } = SecureChannel.NotRequired;

    /// <summary>TSAS byte 0: which security the port speaks.</summary>
    public TransportSecurity Security { get; init; }

    /// <summary>The discovery log page does not tell of this port. Hosts that know of it connect all the same.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Discovery controllers that are reached here tell of this port only, not of the others. A host may ask for that itself
    /// (PLEO).</summary>
    public bool IsDiscoveryLocal { get; init; }

    /// <summary>ANA states of groups of namespaces, as seen through this port, by ANAGRPID; a group that is not named is optimized.</summary>
    public ImmutableSortedDictionary<uint, AnaState> AnaStates { get; init; } = ImmutableSortedDictionary<uint, AnaState>.Empty;

    /// <summary>Most connections at a time through this port; null for no limit of its own. Each is a queue.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>Most controllers at a time that were connected through this port; null for no limit of its own.</summary>
    public int? MaxControllers { get; init; }

    /// <summary>True when the subsystem is exported here. The discovery subsystem always is.</summary>
    public bool Exports(Nqn subsystem) => Subsystems is not { } exported || exported.Contains(subsystem);

    /// <summary>The state of an ANA group as seen through this port.</summary>
    public AnaState AnaStateOf(uint group) => AnaStates.GetValueOrDefault(group, AnaState.Optimized);

    /// <summary>True when a connection to <paramref name="local"/> came in here.</summary>
    internal bool IsAt(IPEndPoint local) =>
        TcpPort == local.Port
        && (Addresses.Plain(Address).Equals(Addresses.Plain(local.Address)) || Addresses.IsWildcardOf(Address, local.Address));
}
