using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.Target.Ports;

/// <summary>Brings addresses into a form in which they can be compared.</summary>
internal static class Addresses
{
    /// <summary>Returns an IPv4-mapped IPv6 address as IPv4, and an IPv6 address without its scope, because only this machine knows the
    /// number of the scope.</summary>
    public static IPAddress Plain(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0
            ? new IPAddress(address.GetAddressBytes())
            : address;
    }

    /// <summary>Returns true when <paramref name="listener"/> is a wildcard address that accepts connections to
    /// <paramref name="reached"/>.</summary>
    public static bool IsWildcardOf(IPAddress listener, IPAddress reached)
    {
        bool isReached4 = reached.AddressFamily == AddressFamily.InterNetwork || reached.IsIPv4MappedToIPv6;
        return listener.Equals(IPAddress.IPv6Any) || (listener.Equals(IPAddress.Any) && isReached4);
    }

    /// <summary>True for 0.0.0.0 and ::.</summary>
    public static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
