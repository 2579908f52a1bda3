namespace ManagedNvmet.Configuration;

/// <summary>The family of an address (ADRFAM).</summary>
public enum PortAddressFamily
{
    /// <summary>IPv4.</summary>
    Ipv4,

    /// <summary>IPv6.</summary>
    Ipv6,
}
