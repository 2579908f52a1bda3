namespace ManagedNvmet.Configuration;

/// <summary>A port: an address on which hosts connect to subsystems.</summary>
public sealed record PortConfiguration
{
    /// <summary>Port identifier (PORTID), 0 to 65535.</summary>
    public required ushort Id { get; init; }

    /// <summary>The transport: <c>tcp</c>. A port of another transport stays in the file and is not served.</summary>
    public string TransportType { get; init; } = "tcp";

    /// <summary>An IP address, with <c>%interface</c> where it is link-local; 0.0.0.0 or :: for every address.</summary>
    public required string Address { get; init; }

    /// <summary>The TCP port, 1 to 65535; 0 takes a free one.</summary>
    public int ServiceId { get; init; } = 4420;

    /// <summary>The family of the address.</summary>
    public PortAddressFamily AddressFamily { get; init; }

    /// <summary>States whether hosts must use a secure channel (TREQ).</summary>
    public TransportRequirement TransportRequirement { get; init; }

    /// <summary>The secure channel (TSAS).</summary>
    public TransportSecurity TransportSecurity { get; init; }

    /// <summary>Bytes of data that a command capsule may carry on the target that saved the file. Kept; the server's own limit
    /// holds.</summary>
    public int? MaxInlineDataBytes { get; init; }

    /// <summary>The subsystems that are exported on this port.</summary>
    public ConfigurationList<Nqn> Subsystems { get; init; } = [];

    /// <summary>Referrals: other discovery services that the discovery log of this port contains.</summary>
    public ConfigurationList<ReferralConfiguration> Referrals { get; init; } = [];

    /// <summary>States of ANA groups on this port; a group that is not in the list is optimized.</summary>
    public ConfigurationList<AnaGroupConfiguration> AnaGroups { get; init; } = [];

    /// <summary>The discovery logs of other ports do not contain this port.</summary>
    public bool IsHiddenInDiscovery { get; init; }

    /// <summary>Maximum number of connections on this port at the same time; null for the server's limit.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>Maximum number of controllers at the same time whose hosts connected through this port; null for no limit of its
    /// own.</summary>
    public int? MaxControllers { get; init; }

    /// <summary>Attributes of the file that this version does not know.</summary>
    public UnknownAttributes Unknown { get; init; } = UnknownAttributes.None;
}
