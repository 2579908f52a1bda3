using System.Net;
using ManagedNvmet.Target.Ports;

namespace ManagedNvmet.Target.Discovery;

/// <summary>An address that a host can connect to, and the port that it belongs to.</summary>
/// <param name="Port">The port.</param>
/// <param name="Address">Never a wildcard, never an IPv4 address in IPv6 clothes, without a scope.</param>
internal readonly record struct DiscoveryAddress(Port Port, IPAddress Address)
{
    /// <summary>The addresses of all ports as the host at the other end of a connection can use them.</summary>
    /// <param name="ports">The listeners.</param>
    /// <param name="local">Where the host reached us, or null when it did not come over a network.</param>
    public static DiscoveryAddress[] Resolve(ReadOnlySpan<Port> ports, IPAddress? local)
    {
        var addresses = new List<DiscoveryAddress>(ports.Length);
        foreach (Port port in ports)
        {
            if (port.IsHidden || Reachable(port.AdvertisedAddress ?? port.Address, local) is not { } address || !IsUsable(address, local))
                continue;
            var resolved = new DiscoveryAddress(port, Addresses.Plain(address));
            if (!Contains(addresses, resolved))
                addresses.Add(resolved);
        }
        return [.. addresses];
    }

    // An IPv4 wildcard cannot be reached at the IPv6 address of this connection, and we know no other; an IPv6 wildcard takes both.
    private static IPAddress? Reachable(IPAddress listener, IPAddress? local) =>
        !Addresses.IsWildcard(listener) ? listener
        : local is not null && Addresses.IsWildcardOf(listener, local) ? local
        : null;

    // A link-local address is of use only to a host that reached it, because the log cannot carry its scope: the host would have to
    // guess the interface. A loopback address is of use on this machine only.
    private static bool IsUsable(IPAddress address, IPAddress? local)
    {
        IPAddress plain = Addresses.Plain(address);
        return plain.IsIPv6LinkLocal ? local is not null && plain.Equals(Addresses.Plain(local))
            : !IPAddress.IsLoopback(plain) || local is null || IPAddress.IsLoopback(Addresses.Plain(local));
    }

    private static bool Contains(List<DiscoveryAddress> addresses, DiscoveryAddress sought)
    {
        foreach (DiscoveryAddress address in addresses)
        {
            if (address.Port.TcpPort == sought.Port.TcpPort && address.Address.Equals(sought.Address))
                return true;
        }
        return false;
    }
}
