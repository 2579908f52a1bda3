using System.Collections.Immutable;
using System.Net;
using ManagedNvmet.Target.Ana;

namespace ManagedNvmet.Target.Ports;

/// <summary>A port: its address, its subsystems and its entries in the discovery log page.</summary>
/// <param name="Id">PORTID, 1 to 65535.</param>
/// <param name="Address">The address on which it listens. With the wildcard address, the discovery log page contains the address to which
/// the host connected.</param>
/// <param name="TcpPort">The TCP port, 1 to 65535; usually 4420.</param>
public sealed record Port(ushort Id, IPAddress Address, int TcpPort)
{
    /// <summary>The address in the discovery log page instead of <see cref="Address"/>, for hosts behind address translation; null for
    /// <see cref="Address"/>.</summary>
    public IPAddress? AdvertisedAddress { get; init; }

    /// <summary>The subsystems that the port exports; null for all.</summary>
    public ImmutableHashSet<Nqn>? Subsystems { get; init; }

    /// <summary>The other discovery subsystems in the discovery log page of this port.</summary>
    public ImmutableArray<Referral> Referrals { get; init; } = [];

    /// <summary>TREQ bits 1:0: whether hosts need a secure channel (TLS).</summary>
    public SecureChannel SecureChannel { get; init; } = SecureChannel.NotRequired;

    /// <summary>TSAS byte 0: the security of the port.</summary>
    public TransportSecurity Security { get; init; }

    /// <summary>True when the discovery log page does not contain this port. Hosts that know the port can still connect.</summary>
    public bool IsHidden { get; init; }

    /// <summary>True when the discovery log page of this port contains only this port. A host can also request that (PLEO).</summary>
    public bool IsDiscoveryLocal { get; init; }

    /// <summary>The ANA states of groups on this port by ANAGRPID. Other groups are optimized.</summary>
    public ImmutableSortedDictionary<uint, AnaState> AnaStates { get; init; } = ImmutableSortedDictionary<uint, AnaState>.Empty;

    /// <summary>The largest number of connections through this port; null for no limit. Each connection is a queue.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>The largest number of controllers whose admin queue uses this port; null for no limit.</summary>
    public int? MaxControllers { get; init; }

    /// <summary>Returns true when the port exports the subsystem.</summary>
    public bool Exports(Nqn subsystem) => Subsystems is not { } exported || exported.Contains(subsystem);

    /// <summary>Returns the state of an ANA group on this port.</summary>
    public AnaState AnaStateOf(uint group) => AnaStates.GetValueOrDefault(group, AnaState.Optimized);

    /// <summary>Returns true when a connection to <paramref name="local"/> uses this port.</summary>
    internal bool IsAt(IPEndPoint local) =>
        TcpPort == local.Port
        && (Addresses.Plain(Address).Equals(Addresses.Plain(local.Address)) || Addresses.IsWildcardOf(Address, local.Address));
}
