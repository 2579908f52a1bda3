using System.Net;

namespace ManagedNvmet.Target.Discovery;

/// <summary>An address that a host can connect to, and the port that it belongs to.</summary>
/// <param name="PortId">PORTID.</param>
/// <param name="Address">Never a wildcard, never an IPv4 address in IPv6 clothes, without a scope.</param>
/// <param name="TcpPort">The TCP port.</param>
internal readonly record struct DiscoveryAddress(ushort PortId, IPAddress Address, int TcpPort)
{
    /// <summary>ADRFAM: 1 for IPv4, 2 for IPv6.</summary>
    public byte AddressFamily => (byte)(Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 1 : 2);

    /// <summary>The addresses of all ports as the host at the other end of a connection can use them.</summary>
    /// <param name="ports">The listeners.</param>
    /// <param name="local">Where the host reached us, or null when it did not come over a network.</param>
    public static DiscoveryAddress[] Resolve(ReadOnlySpan<Port> ports, IPAddress? local)
    {
        var addresses = new List<DiscoveryAddress>(ports.Length);
        foreach (Port port in ports)
        {
            if (Reachable(port.Address, local) is not { } address)
                continue;
            var resolved = new DiscoveryAddress(port.Id, Plain(address), port.TcpPort);
            if (!Contains(addresses, resolved))
                addresses.Add(resolved);
        }
        return [.. addresses];
    }

    private static IPAddress? Reachable(IPAddress listener, IPAddress? local)
    {
        bool isWildcard4 = listener.Equals(IPAddress.Any);
        bool isWildcard6 = listener.Equals(IPAddress.IPv6Any);
        if (!isWildcard4 && !isWildcard6)
            return listener;
        if (local is null)
            return null;

        // An IPv4 wildcard cannot be reached at the IPv6 address of this connection, and we know no other; an IPv6 wildcard takes both.
        bool isLocal4 = local.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork || local.IsIPv4MappedToIPv6;
        return isWildcard4 && !isLocal4 ? null : local;
    }

    // The scope of a link-local address is a number of ours; the host has its own.
    private static IPAddress Plain(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && address.ScopeId != 0
            ? new IPAddress(address.GetAddressBytes())
            : address;
    }

    private static bool Contains(List<DiscoveryAddress> addresses, DiscoveryAddress sought)
    {
        foreach (DiscoveryAddress address in addresses)
        {
            if (address.TcpPort == sought.TcpPort && address.Address.Equals(sought.Address))
                return true;
        }
        return false;
    }
}
