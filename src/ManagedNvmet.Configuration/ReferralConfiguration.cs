namespace ManagedNvmet.Configuration;

/// <summary>A referral: another discovery service that the discovery log of a port contains.</summary>
public sealed record ReferralConfiguration
{
    /// <summary>Its name; unique on the port.</summary>
    public required string Name { get; init; }

    /// <summary>tcp, or another transport that hosts may use (rdma, fc, loop).</summary>
    public string TransportType { get; init; } = "tcp";

    /// <summary>TRADDR: an IP address where the transport is tcp.</summary>
    public required string Address { get; init; }

    /// <summary>TRSVCID: the TCP port, 1 to 65535; 8009 is the one for discovery.</summary>
    public int ServiceId { get; init; } = 8009;

    /// <summary>The family of the address.</summary>
    public PortAddressFamily AddressFamily { get; init; }

    /// <summary>Port identifier (PORTID) of the other service, 0 to 65535.</summary>
    public ushort PortId { get; init; }

    /// <summary>States whether hosts must use a secure channel to the other service.</summary>
    public TransportRequirement TransportRequirement { get; init; }

    /// <summary>The discovery log of the port contains it.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Attributes of the file that this version does not know.</summary>
    public UnknownAttributes Unknown { get; init; } = UnknownAttributes.None;
}
