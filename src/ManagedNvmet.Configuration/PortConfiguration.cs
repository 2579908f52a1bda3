namespace ManagedNvmet.Configuration;

/// <summary>A port: an address that hosts reach subsystems by.</summary>
public sealed record PortConfiguration
{
    /// <summary>PORTID, 0 to 65535.</summary>
    public required ushort Id { get; init; }

    /// <summary>tcp. A port of another transport is kept in the file and not served.</summary>
    public string TransportType { get; init; } = "tcp";

    /// <summary>An IP address, with <c>%interface</c> where it is link-local; 0.0.0.0 or :: for every address.</summary>
    public required string Address { get; init; }

    /// <summary>The TCP port, 1 to 65535; 0 takes a free one.</summary>
    public int ServiceId { get; init; } = 4420;

    /// <summary>The family of the address.</summary>
    public PortAddressFamily AddressFamily { get; init; }

    /// <summary>Whether hosts have to use a secure channel (TREQ).</summary>
    public TransportRequirement TransportRequirement { get; init; }

    /// <summary>The secure channel (TSAS).</summary>
    public TransportSecurity TransportSecurity { get; init; }

    /// <summary>Bytes of data that a command capsule may carry on the target that saved the file. Kept; the server's own limit holds.</summary>
    public int? MaxInlineDataBytes { get; init; }

    /// <summary>The subsystems that are reached here.</summary>
    public ConfigurationList<Nqn> Subsystems { get; init; } = [];

    /// <summary>Other discovery services that hosts here are told of.</summary>
    public ConfigurationList<ReferralConfiguration> Referrals { get; init; } = [];

    /// <summary>ANA states; a group that does not stand here is optimized.</summary>
    public ConfigurationList<AnaGroupConfiguration> AnaGroups { get; init; } = [];

    /// <summary>Hosts that reach another port are not told of this one.</summary>
    public bool IsHiddenInDiscovery { get; init; }

    /// <summary>Most connections at a time on this port; null for the server's limit.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>Most controllers at a time that were connected through this port; null for no limit of its own.</summary>
    public int? MaxControllers { get; init; }

    /// <summary>What the file says besides.</summary>
    public UnknownAttributes Unknown { get; init; } = UnknownAttributes.None;
}
