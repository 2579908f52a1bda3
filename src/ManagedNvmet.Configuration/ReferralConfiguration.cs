namespace ManagedNvmet.Configuration;

/// <summary>Another discovery service that hosts on a port are told of.</summary>
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

    /// <summary>PORTID over there, 0 to 65535.</summary>
    public ushort PortId { get; init; }

    /// <summary>Whether a secure channel has to be used there.</summary>
    public TransportRequirement TransportRequirement { get; init; }

    /// <summary>Hosts are told of it.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>What the file says besides.</summary>
    public UnknownAttributes Unknown { get; init; } = UnknownAttributes.None;
}
